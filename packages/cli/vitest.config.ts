import { project } from "../../vitest.base.ts";

export default project("cli", { isolate: true, testTimeout: 30_000 });
