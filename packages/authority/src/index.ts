// The authority
export type { AuthorityOptions } from "./authority-options.ts";
export { type Authority, createAuthority } from "./create-authority.ts";
export type { EvidenceAlgorithm } from "./crypto/evidence-algorithms.ts";
// Evidence
export { attestationEvidence } from "./evidence/attestation.ts";
export { type AwsStsEvidenceOptions, awsStsEvidence } from "./evidence/aws-sts.ts";
export { type EntraEvidenceOptions, entraEvidence } from "./evidence/entra.ts";
export {
  type Connection,
  type Evidence,
  EvidenceError,
  type EvidenceErrorCode,
  type EvidenceVerifier,
  type Presented,
} from "./evidence/evidence.ts";
export type { KeyOptions } from "./evidence/evidence-keys.ts";
export { type GcpInstanceEvidenceOptions, gcpInstanceEvidence } from "./evidence/gcp-instance.ts";
export { type GitHubActionsEvidenceOptions, githubActionsEvidence } from "./evidence/github-actions.ts";
export { type GitLabEvidenceOptions, gitlabEvidence } from "./evidence/gitlab.ts";
export { type KubernetesEvidenceOptions, kubernetesEvidence } from "./evidence/kubernetes.ts";
export { type OidcEvidenceOptions, oidcEvidence } from "./evidence/oidc.ts";
export type { ClaimValue, RuleChecks } from "./evidence/rule-checks.ts";
export { type SecretEvidenceOptions, secretEvidence } from "./evidence/secret.ts";
export { type SpiffeEvidenceOptions, spiffeEvidence } from "./evidence/spiffe.ts";
export type { TokenOptions } from "./evidence/token-evidence.ts";
export type { AuthorityAnswer, AuthorityRequest } from "./http/plain.ts";
// Keys
export { postgresKeyStorage } from "./keys/postgres-key-storage.ts";
export type { AuthorityKeyStore } from "./keys/published-keys.ts";
export { sealedKeyStorage } from "./keys/sealed-key-storage.ts";
export type { ProblemCode } from "./problem.ts";
export type { AuthorityRecord } from "./record.ts";
// Rules
export { type CheckOutcome, checkRule } from "./rules/match-rule.ts";
export type { Attested, CopiedFacts, Rule } from "./rules/rule.ts";
// Revocation
export type { AuthorityStatusList } from "./status/authority-status-list.ts";
