import { project } from "../../vitest.base.ts";

// Real servers and handshakes, on machines that may be busy.
export default project("remote-documents", { testTimeout: 60_000 });
