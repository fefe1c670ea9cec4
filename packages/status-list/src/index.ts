// The format
export { type EncodedStatusList, type StatusBits, StatusList, type StatusListLimits } from "./codec/status-list.ts";
// The verifier's side
export { HttpStatusSource } from "./source/http-status-source.ts";
export { type RevocationBoundTerms, revocationBound } from "./source/revocation-bound.ts";
export type { HttpStatusSourceOptions } from "./source/source-options.ts";
export { StatusError, type StatusProblem } from "./source/status-error.ts";
export type { StatusListEvent } from "./source/status-list-event.ts";
export type { AttestationStatus, StatusReference, StatusSource } from "./source/status-source.ts";
// Tokens
export {
  readStatusListToken,
  type StatusListExpectation,
  type VerifiedStatusList,
} from "./token/read-status-list-token.ts";
