import { project } from "../../vitest.base.ts";

export default project("soak", { testTimeout: 120_000, hookTimeout: 60_000 });
