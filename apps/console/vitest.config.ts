import { project } from "../../vitest.base.ts";

export default project("demo-console", { testTimeout: 60_000, hookTimeout: 60_000 });
