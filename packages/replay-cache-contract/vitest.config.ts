import { project } from "../../vitest.base.ts";

export default project("replay-cache-contract", { testTimeout: 30_000, hookTimeout: 30_000 });
