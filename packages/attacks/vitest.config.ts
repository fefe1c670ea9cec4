import { project } from "../../vitest.base.ts";

export default project("attacks", { isolate: true, testTimeout: 180_000 });
