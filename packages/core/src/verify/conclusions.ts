import type { Refusal } from "../checks/refusal.ts";
import type { Statement } from "../checks/statement.ts";
import { type AttestationErrorCode, isRetryable, wireReason } from "../errors.ts";
import { profileOf } from "../trust/profile.ts";
import type { VerificationPolicy } from "../wire/policy.ts";
import type { ProofKind } from "../wire/proof-kinds.ts";
import type { AttestationContext, RefusedResult, UnassessedResult } from "./result.ts";

/** What `preferred` and `optional` let pass unverified: presented, but beyond this verifier's knowledge (SPEC §5). */
const UNASSESSABLE: ReadonlySet<AttestationErrorCode> = new Set<AttestationErrorCode>([
  "ERR_ISSUER_UNTRUSTED",
  "ERR_FORMAT_NOT_ALLOWED",
  "ERR_ATTESTATION_VERSION",
  "ERR_ATTESTATION_TYP",
  "ERR_ATTESTATION_ALG",
  "ERR_BEARER_NOT_ALLOWED",
  "ERR_KEY_SOURCE_UNAVAILABLE",
]);

/** The identity that a verification established. */
export function contextOf(
  { format, issuer, claims, identity, holderKey, layers, expiresAt, delegation }: Statement,
  proofKind: ProofKind,
  toolDigest?: string,
): AttestationContext {
  const context: Record<string, unknown> = {
    outcome: "verified",
    verified: true,
    format: format.name,
    proof: proofKind,
    profile: profileOf(format),
    trustLevel: issuer.trustLevel,
    issuer: issuer.issuer,
    subject: claims.sub,
    claims,
    expiresAt,
    layers,
  };
  if (identity) context["identity"] = identity;
  if (holderKey) context["keyThumbprint"] = holderKey.thumbprint;
  if (delegation) context["delegation"] = Object.freeze(delegation.told);
  if (toolDigest !== undefined) context["toolDigest"] = toolDigest;
  return Object.freeze(context as unknown as AttestationContext);
}

/** The result of a refusal under a policy. */
export function settle(problem: Refusal, policy: VerificationPolicy, now: number): RefusedResult | UnassessedResult {
  if (policy === "required" || !UNASSESSABLE.has(problem.code)) return refuse(problem, now);
  const { code } = problem;
  return { outcome: "unassessed", verified: false, trustLevel: "none", reason: wireReason(code), code };
}

/**
 * The result of a refusal.
 *
 * @param now The verifier's time; `undefined` where its clock returned none.
 */
export function refuse({ code, message }: Refusal, now: number | undefined): RefusedResult {
  const reason = wireReason(code);
  return {
    outcome: "refused",
    verified: false,
    trustLevel: "none",
    reason,
    code,
    message,
    retryable: isRetryable(reason),
    ...(reason === "attestation_expired" && now !== undefined && { advice: { serverTime: now } }),
  };
}
