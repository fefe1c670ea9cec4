import { project } from "../../vitest.base.ts";

export default project("demo-agent", { testTimeout: 120_000, hookTimeout: 120_000 });
