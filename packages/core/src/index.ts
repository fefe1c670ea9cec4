// Claims

export { type AgentIdentity, toSpiffeId, writeAgentIdentity } from "./claims/agent-identity.ts";
export { type AgentIntegrity, computeHash } from "./claims/agent-integrity.ts";
export type { AttestationClaims } from "./claims/attestation-claims.ts";
export type { AttestationMetadata } from "./claims/attestation-metadata.ts";
export { DEFAULT_LIFETIME, MAX_LIFETIME, type Profile, TYP, VERSION } from "./claims/profile.ts";
export { trustDomainOf } from "./claims/spiffe-id.ts";

// Issuing and proving

export { AttestationProvider, type AttestationRequest } from "./issue/attestation-provider.ts";
export { createProof } from "./issue/create-proof.ts";
export { messageDigest, type ProofRequest } from "./jose/digest.ts";

// Verifying

export type { VerificationRequest } from "./verify/assessment.ts";
export { AttestationVerifier } from "./verify/attestation-verifier.ts";
export { decodeAttestation, type UnverifiedAttestation } from "./verify/decode-attestation.ts";
export { meetsTrustLevel, type TrustLevel, type VerificationPolicy } from "./verify/policy.ts";
export type {
  AbsentResult,
  AttestationContext,
  RefusedResult,
  UnassessedResult,
  VerificationResult,
} from "./verify/result.ts";
export { DEFAULT_CLOCK_TOLERANCE, DEFAULT_NODE_SKEW, DEFAULT_PROOF_WINDOW } from "./verify/verifier-defaults.ts";
export {
  type TrustedIssuer,
  VERIFIER_OPTIONS,
  type VerifierConfiguration,
  type VerifierOptions,
} from "./verify/verifier-options.ts";

// Keys

export { combineKeyResolvers } from "./keys/combine-key-resolvers.ts";
export { InMemoryKeyResolver } from "./keys/in-memory-key-resolver.ts";
export { isKid, type PrivateJwk, type PublicJwk, type SigningAlgorithm } from "./keys/jwk.ts";
export { KeyPair } from "./keys/key-pair.ts";
export type { KeyResolver } from "./keys/key-resolver.ts";
export type { Signer } from "./keys/signer.ts";
export { importVerificationKey, type VerificationKey } from "./keys/verification-key.ts";

// Replay

export { assertExpiry } from "./replay/assert-expiry.ts";
export { InMemoryReplayCache, type InMemoryReplayCacheOptions } from "./replay/in-memory-replay-cache.ts";
export type { ReplayCache, ReplayUse } from "./replay/replay-cache.ts";

// Observing

export {
  type AttestationEvent,
  assertObserver,
  begin,
  combineObservers,
  type DemandEvent,
  type GuardEvent,
  type IssuanceEvent,
  type KeyFetchCause,
  type KeyFetchEvent,
  type KeyProblem,
  type KeyRotationEvent,
  type KeySetEvent,
  notify,
  type ObservedOperation,
  type Observer,
  type ReplayCacheEvent,
  type VerificationEvent,
  type VerificationFacts,
} from "./observer.ts";

// Time, errors and options

export { type Clock, systemClock } from "./clock.ts";
export {
  AttestationError,
  type AttestationErrorCode,
  isRetryable,
  optionError,
  type Reason,
  reasonOf,
  wireReason,
} from "./errors.ts";
export { refuseUnknownOptions } from "./options.ts";

// On the wire: what both sides write and read alike

export { META_PREFIX, NAMESPACE } from "./jose/digest.ts";
export { isAbsoluteUri } from "./wire/absolute-uri.ts";
export { type AuthorizationReading, readAuthorization } from "./wire/access-token.ts";
export {
  type AttestationErrorData,
  errorNumber,
  isReason,
  MISSING_EXTENSION,
  REFUSAL_MESSAGES,
} from "./wire/error-data.ts";
export {
  CAPABILITY,
  EXTENSION,
  HTTP_FIELDS,
  MCP_CLIENT_CAPABILITIES,
  MCP_PROTOCOL_VERSION,
  META_ATTESTATION,
  META_PROOF,
  META_STATUS,
} from "./wire/names.ts";
export { possessionInput, possessionInput1 } from "./wire/possession.ts";
export { trustLevelOfStatus, verifiedStatus } from "./wire/verified-status.ts";

// Building blocks

export { digest } from "#crypto";
export { decodeBase64url, encodeBase64url } from "./jose/base64url.ts";
export { decodeStrictJson, type StrictJson } from "./jose/strict-json.ts";
export type { MaybePromise } from "./maybe-promise.ts";
