import { project, sharedWorker } from "../../vitest.base.ts";

// Real servers, handshakes and processes, on machines that may be busy.
export default project("jwks", { ...sharedWorker, testTimeout: 60_000 });
