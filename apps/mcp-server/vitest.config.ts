import { project } from "../../vitest.base.ts";

export default project("demo-mcp-server", { testTimeout: 60_000, hookTimeout: 60_000 });
