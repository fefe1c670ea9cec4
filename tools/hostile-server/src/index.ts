export { answer } from "./answer.ts";
export { createTestCa, type TestCa } from "./create-test-ca.ts";
export { loopback } from "./loopback.ts";
export { type HostileServer, openHostileServer } from "./open-hostile-server.ts";
