// Attesting what a client sends
export type { TransportLike } from "@attest/core";

export { Attempts } from "./attempts.ts";
export { type AttestFetchOptions, type AttestingFetch, attestFetch, type FetchLike } from "./attest-fetch.ts";
export { type AttestTransportOptions, attestTransport } from "./attest-transport.ts";
export { attestationErrorOf } from "./attestation-error-of.ts";
// The agent and where its attestations come from
export {
  type AttestationAsk,
  type AttestationSource,
  type LocalSourceOptions,
  localSource,
} from "./attestation-source.ts";
export type { AttestationState } from "./attestation-state.ts";
export { AttestingAgent } from "./attesting-agent.ts";
export type { AttestingAgentOptions } from "./attesting-agent-options.ts";
export type { CredentialContext, Credentials, MessageName, Refusal, TicketUse } from "./credentials.ts";
export { type DelegatingSourceOptions, delegatingSource } from "./delegating-source.ts";
export { createDelegationHandler, type DelegationGrant, type DelegationHandlerOptions } from "./delegation-handler.ts";
export { type CredentialAsk, type HttpSourceOptions, httpSource } from "./http-source.ts";
export type { RefusalInfo } from "./refusal-in.ts";
export { withAttestation } from "./with-attestation.ts";
