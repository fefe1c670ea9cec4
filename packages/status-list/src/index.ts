// The format
export { type EncodedStatusList, type StatusBits, StatusList, type StatusListLimits } from "./codec/status-list.ts";
// The authority's side
export { PUBLISH_DELAY, type StatusListAnswer } from "./publish/published-list.ts";
export type { StatusListPublisherOptions } from "./publish/publisher-options.ts";
export type { Revocation } from "./publish/revocation.ts";
export { type RevokeOptions, reinstateIn, revokeIn } from "./publish/revoke-in.ts";
export { StatusListPublisher } from "./publish/status-list-publisher.ts";
export type { Revocable } from "./publish/status-register.ts";
// The verifier's side
export { HttpStatusSource } from "./source/http-status-source.ts";
export { type RevocationBoundTerms, revocationBound } from "./source/revocation-bound.ts";
export type { HttpStatusSourceOptions } from "./source/source-options.ts";
export { StatusError, type StatusProblem } from "./source/status-error.ts";
export { MemoryStatusStorage } from "./storage/memory-status-storage.ts";
export type { StatusStorage, StoredStatus, StoredText } from "./storage/status-storage.ts";
// Tokens
export {
  readStatusListToken,
  type StatusListExpectation,
  type VerifiedStatusList,
} from "./token/read-status-list-token.ts";
