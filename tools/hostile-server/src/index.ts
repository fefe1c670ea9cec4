export { answer } from "./answer.ts";
export { loopback } from "./loopback.ts";
export { type HostileServer, openHostileServer } from "./open-hostile-server.ts";
