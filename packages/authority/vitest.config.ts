import { project } from "../../vitest.base.ts";

export default project("authority", { isolate: true, testTimeout: 30_000 });
