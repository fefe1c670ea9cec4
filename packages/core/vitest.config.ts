import { project, sharedWorker } from "../../vitest.base.ts";

export default project("core", sharedWorker);
