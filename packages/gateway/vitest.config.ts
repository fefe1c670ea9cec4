import { project } from "../../vitest.base.ts";

// Real servers and processes, on machines that may be busy.
export default project("gateway", { testTimeout: 30_000 });
