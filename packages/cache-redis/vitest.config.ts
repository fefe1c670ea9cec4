import { project } from "../../vitest.base.ts";

export default project("cache-redis", { testTimeout: 30_000, hookTimeout: 30_000 });
