// What the console shows: agents that connect, and attacks on a live server.
export type { Attack, AttackTarget } from "./attacks/attack.ts";
export { attacks } from "./attacks/attacks.ts";
export { IDENTITY } from "./attacks/exchange.ts";
export { type AttackReport, runAttack } from "./attacks/run-attack.ts";
export { AUDIENCE, type DemoAuthority, inheritedEnvironment } from "./authority.ts";
export { type Connection, connect, type Generation, type Target } from "./connect.ts";
export { type HttpServer, startHttpServer } from "./http-server.ts";
