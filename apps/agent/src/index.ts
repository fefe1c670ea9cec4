// What the console shows: agents that connect, their sub-agents, and attacks on a live server.
export { attackOptions } from "./attack-options.ts";
export { AUDIENCE, inheritedEnvironment } from "./authority.ts";
export { type Connection, connect, type Generation, type Target } from "./connect.ts";
export { type HttpServer, startHttpServer } from "./http-server.ts";
export { lacksAttestation } from "./lacks-attestation.ts";
export { runAttack } from "./run-attack.ts";
export { followSubAgents } from "./sub-agents/follow-sub-agents.ts";
export { type Orchestrator, startOrchestrator } from "./sub-agents/start-orchestrator.ts";
export type { SubAgent } from "./sub-agents/start-sub-agent.ts";
