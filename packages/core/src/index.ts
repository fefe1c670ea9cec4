// Claims

export { type AgentIdentity, toSpiffeId, writeAgentIdentity } from "./claims/agent-identity.ts";
export { type AgentIntegrity, computeHash } from "./claims/agent-integrity.ts";
export type { Allow } from "./claims/allow.ts";
export { type AttestationClaims, writeAttestationClaims } from "./claims/attestation-claims.ts";
export {
  type AttestationKind,
  DEFAULT_LIFETIME,
  type ForeignFormatName,
  MAX_LIFETIME,
  type Profile,
  TYP,
  VERSION,
} from "./claims/attestation-kinds.ts";
export type { AttestationMetadata } from "./claims/attestation-metadata.ts";
export { claimAt, isClaimPointer } from "./claims/claim-at.ts";
export type { DelegationClaims } from "./claims/delegation-claims.ts";
export type { RegisteredClaims } from "./claims/registered-claims.ts";
export { trustDomainOf } from "./claims/spiffe-id.ts";
export type { StatusClaim, StatusReference } from "./claims/status-claim.ts";

// Issuing and proving

export { AttestationIssuer, type AttestationIssuerOptions } from "./issue/attestation-issuer.ts";
export { AttestationProvider } from "./issue/attestation-provider.ts";
export type { AttestationRequest } from "./issue/attestation-request.ts";
export { createDelegation, type DelegationOptions } from "./issue/create-delegation.ts";
export { createMacProof, type MacProofOptions } from "./issue/create-mac-proof.ts";
export { createProof, type ProofOptions } from "./issue/create-proof.ts";
export { messageDigest, type ProofRequest } from "./jose/digest.ts";
export { type ToolDefinition, toolDigest } from "./jose/tool-digest.ts";

// Verifying

export type { Layer } from "./checks/layers.ts";
export type { Dispatched, VerificationRequest } from "./checks/use.ts";
export type { DelegationLink } from "./claims/delegation-link.ts";
export type { AttestationStatus, StatusSource } from "./trust/status-source.ts";
export type { TokenFormat } from "./trust/token-format.ts";
export type { ConfiguredIssuer, TrustedIssuer } from "./trust/trusted-issuer.ts";
export { DEFAULT_CLOCK_TOLERANCE, DEFAULT_NODE_SKEW, DEFAULT_PROOF_WINDOW } from "./trust/verifier-defaults.ts";
export {
  type TicketOptions,
  VERIFIER_OPTIONS,
  type VerifierConfiguration,
  type VerifierOptions,
} from "./trust/verifier-options.ts";
export { AttestationVerifier } from "./verify/attestation-verifier.ts";
export { decodeAttestation, type UnverifiedAttestation } from "./verify/decode-attestation.ts";
export { decodeChain, type UnverifiedChain, type UnverifiedLink } from "./verify/decode-chain.ts";
export { type DefinitionProblem, definitionProblem } from "./verify/definition-problem.ts";
export { delegatedTo } from "./verify/delegated-to.ts";
export type {
  AbsentResult,
  AttestationContext,
  RefusedResult,
  UnassessedResult,
  VerificationResult,
} from "./verify/result.ts";
export {
  ISSUER_TRUST_LEVELS,
  meetsTrustLevel,
  POLICIES,
  TRUST_LEVELS,
  type TrustLevel,
  type VerificationPolicy,
  type VerifiedTrustLevel,
} from "./wire/policy.ts";

// Tickets

export type { MacKey } from "./crypto/platform.ts";
export { type AskedWith, type Ticket, TicketAsk } from "./tickets/ticket-ask.ts";
export { readTicketField, readTicketGrant, type TicketGrant, writeTicketField } from "./tickets/ticket-grant.ts";

// Keys

export { keyImporterOf } from "./formats/registry.ts";
export { isSigningAlgorithm, SIGNING_ALGORITHMS, type SigningAlgorithm } from "./keys/algorithms.ts";
export { combineKeyResolvers } from "./keys/combine-key-resolvers.ts";
export type { Algorithm, ForeignAlgorithm } from "./keys/foreign-algorithms.ts";
export { InMemoryKeyResolver } from "./keys/in-memory-key-resolver.ts";
export { isKid, type PrivateJwk, type PublicJwk } from "./keys/jwk.ts";
export { KeyPair, type KeyPairOptions } from "./keys/key-pair.ts";
export type { KeyResolver } from "./keys/key-resolver.ts";
export type { Signer } from "./keys/signer.ts";
export { importVerificationKey, type VerificationKey } from "./keys/verification-key.ts";

// Replay

export { assertExpiry } from "./replay/assert-expiry.ts";
export { InMemoryReplayCache, type InMemoryReplayCacheOptions } from "./replay/in-memory-replay-cache.ts";
export type { ReplayCache, ReplayUse } from "./replay/replay-cache.ts";

// Observing

export type {
  AttestationEvent,
  DelegatedTo,
  DemandEvent,
  GuardEvent,
  IssuanceEvent,
  KeyFetchEvent,
  KeyProblem,
  KeyRotationEvent,
  KeySetEvent,
  ReplayCacheEvent,
  StatusListEvent,
  StatusListFetchCause,
  TicketEvent,
  VerificationEvent,
  VerificationFacts,
} from "./events.ts";
export type { KeyFetchCause } from "./key-fetch-cause.ts";
export {
  assertObserver,
  begin,
  combineObservers,
  notify,
  type ObservedMessage,
  type ObservedOperation,
  type Observer,
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
export {
  callable,
  flag,
  type OptionNames,
  oneOf,
  refuseUnknownOptions,
  wholeNumber,
  wholeSeconds,
} from "./options.ts";

// On the wire: what both sides write and read alike

export { isAbsoluteUri } from "./wire/absolute-uri.ts";
export { type AuthorizationReading, readAuthorization } from "./wire/access-token.ts";
export type { Advice } from "./wire/advice.ts";
export { CARRIERS, type Carrier } from "./wire/carriers.ts";
export { DECLARED_VERSION, type Feature } from "./wire/declaration.ts";
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
  META_PREFIX,
  META_PROOF,
  META_STATUS,
  META_TICKET_GRANT,
  NAMESPACE,
} from "./wire/names.ts";
export { possessionInput, possessionInput1 } from "./wire/possession.ts";
export { PROOF_KINDS, type ProofKind } from "./wire/proof-kinds.ts";
export { readAtMost } from "./wire/read-at-most.ts";
export type { TransportLike } from "./wire/transport-like.ts";
export { trustLevelOfStatus, verifiedStatus } from "./wire/verified-status.ts";

// Building blocks

export { digest } from "#crypto";
export { decodeBase64url, encodeBase64url } from "./jose/base64url.ts";
export { isJsonObject } from "./jose/is-json-object.ts";
export { decodeStrictJson, type StrictJson } from "./jose/strict-json.ts";
export type { MaybePromise } from "./maybe-promise.ts";
