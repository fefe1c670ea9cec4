import { project, sharedWorker } from "../../vitest.base.ts";

export default project("observability", { ...sharedWorker, testTimeout: 30_000 });
