import { project } from "../../vitest.base.ts";

// Real servers, handshakes and processes, on machines that may be busy.
export default project("jwks", { testTimeout: 60_000 });
