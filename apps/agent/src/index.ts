// What the console shows: agents that connect, and attacks on a live server.
export { attackOptions } from "./attack-options.ts";
export { AUDIENCE, inheritedEnvironment } from "./authority.ts";
export { type Connection, connect, type Generation, type Target } from "./connect.ts";
export { type HttpServer, startHttpServer } from "./http-server.ts";
export { runAttack } from "./run-attack.ts";
