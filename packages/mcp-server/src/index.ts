// Attaching a guard to a server
export { attestHandler, type FetchHandler } from "./attach/attest-handler.ts";
export { attestNodeHandler, type NodeHandler } from "./attach/attest-node-handler.ts";
export { attestServer } from "./attach/attest-server.ts";
export { attestServerTransport } from "./attach/attest-server-transport.ts";
export type { TransportLike } from "./attach/transport-like.ts";
// In handlers
export { attestationOf, type HandlerContext } from "./attestation-of.ts";
// The guard itself
export {
  AttestationGuard,
  type GuardDecision,
  type GuardOptions,
  type InitializeDecision,
} from "./guard/attestation-guard.ts";
export type { HttpRequest } from "./guard/carriers.ts";
export type { GuardSession } from "./guard/guard-session.ts";
export { type AttestationDemand, type AttestedHandler, requireAttestation } from "./require-attestation.ts";
