import type { AttestationErrorCode } from "../errors.ts";
import type { VerificationEvent, VerificationFacts } from "../observer.ts";
import type { Assessment } from "./assessment.ts";
import type { VerificationPolicy } from "./policy.ts";
import type { VerificationResult } from "./result.ts";

/** The event of one verification. @param assessment What it found; absent where there was nothing to assess. */
export function verificationEvent(
  result: VerificationResult,
  {
    policy,
    assessment,
    duration,
  }: { policy: VerificationPolicy; assessment: Assessment | undefined; duration: number },
): VerificationEvent {
  return {
    type: "verification",
    outcome: result.outcome,
    policy,
    trustLevel: result.trustLevel,
    ...(assessment?.profile && { profile: assessment.profile }),
    ...(assessment?.issuer && { issuer: assessment.issuer.issuer }),
    ...("code" in result && { reason: result.reason, code: result.code }),
    ...(result.verified && { subject: result.subject }),
    ...(result.verified && result.keyThumbprint !== undefined && { keyThumbprint: result.keyThumbprint }),
    ...(assessment && { facts: factsOf(assessment, "code" in result ? result.code : undefined) }),
    remembered: assessment?.known !== undefined,
    duration,
  };
}

/** Characters of a fact, at most. */
const MAX_FACT = 256;

/** What the peer wrote, as far as it was read; times are those of the proof where that is what did not hold. */
function factsOf(assessment: Assessment, code: AttestationErrorCode | undefined): VerificationFacts {
  const { jws, known, proof, profile }: Partial<Assessment> = assessment;
  const attestation: Readonly<Record<string, unknown>> | undefined = known ? { ...known.claims } : jws?.payload;
  const ofProof = profile === "bound" && code !== undefined && /^ERR_(PROOF|REPLAY)/.test(code);
  const judged = ofProof ? proof?.payload : attestation;
  const kid = words(known?.kid ?? jws?.header.kid);
  const audience = words(proof?.payload["aud"]) ?? words(attestation?.["aud"]);
  const issuedAt = time(judged?.["iat"]);
  const expiresAt = time(judged?.["exp"]);
  return {
    ...(kid !== undefined && { kid }),
    ...(audience !== undefined && { audience }),
    ...(issuedAt !== undefined && { issuedAt }),
    ...(expiresAt !== undefined && { expiresAt }),
    now: assessment.now,
  };
}

function words(value: unknown): string | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every((word) => typeof word === "string" && /^[\x20-\x7e]+$/.test(word))) return undefined;
  const text = list.join(" ");
  return text.length <= MAX_FACT ? text : `${text.slice(0, MAX_FACT - 1)}…`;
}

function time(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? (value as number) : undefined;
}
