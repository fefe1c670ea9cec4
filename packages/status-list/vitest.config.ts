import { project } from "../../vitest.base.ts";

// Real servers, databases and processes, on machines that may be busy.
export default project("status-list", { testTimeout: 60_000 });
