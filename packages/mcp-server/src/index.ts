// Attaching a guard to a server
export type { TransportLike } from "@attest/core";
export type { AttachOptions } from "./attach/attach-options.ts";
export { attestFastify, type FastifyLike } from "./attach/attest-fastify.ts";
export { attestHandler, type CallableHandler, type FetchHandler } from "./attach/attest-handler.ts";
export { attestNodeHandler, type GuardedNodeHandler, type NodeHandler } from "./attach/attest-node-handler.ts";
export { attestServer } from "./attach/attest-server.ts";
export { attestServerTransport } from "./attach/attest-server-transport.ts";
export { keepRawBody } from "./attach/keep-raw-body.ts";
export { guardTaskStore, type TaskStoreLike } from "./attach/task-owners.ts";
// In handlers
export { attestationOf, type HandlerContext } from "./attestation-of.ts";
export type { AttestationDemand, ClaimValue } from "./demand.ts";
// The guard itself
export { AttestationGuard } from "./guard/attestation-guard.ts";
export type { HttpRequest } from "./guard/carriers.ts";
export type { GuardDecision, InitializeDecision } from "./guard/decisions.ts";
export type { GuardConfiguration, GuardOptions, GuardSettings } from "./guard/guard-options.ts";
export type { GuardSession } from "./guard/guard-session.ts";
export type { AnswerOptions, Refused } from "./guard/refusals.ts";
export type { SignedTargets } from "./guard/signature-demands.ts";
export { listedTools } from "./listed-tools.ts";
export { type AdmittedAgent, type AttestedHandler, requireAttestation } from "./require-attestation.ts";
