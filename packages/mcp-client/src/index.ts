// Attesting what a client sends
export { attestFetch, type FetchLike } from "./attest-fetch.ts";
export { attestTransport, type TransportLike } from "./attest-transport.ts";
export { attestationErrorOf, type RefusalInfo } from "./attestation-error-of.ts";
// The agent and where its attestations come from
export {
  type AttestationAsk,
  type AttestationSource,
  type LocalSourceOptions,
  localSource,
} from "./attestation-source.ts";
export type { AttestationState } from "./attestation-state.ts";
export { AttestingAgent, type Credentials } from "./attesting-agent.ts";
export { type HttpSourceOptions, httpSource } from "./http-source.ts";
