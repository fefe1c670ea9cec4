import { digest } from "#crypto";
import type { Profile } from "../claims/profile.ts";
import { type AttestationErrorCode, isRetryable, wireReason } from "../errors.ts";
import { MAX_LENGTH } from "../jose/strict-jws.ts";
import { after, isPending, type MaybePromise } from "../maybe-promise.ts";
import { begin, notify, type Observer, type VerificationEvent } from "../observer.ts";
import { type AssessedAttestation, Assessment, type Check, type VerificationRequest } from "./assessment.ts";
import { checkAudience } from "./checks/audience.ts";
import { checkConfirmationKey, checkVersion, readClaims } from "./checks/claims.ts";
import { checkIssuer, checkIssuerAlgorithm } from "./checks/issuer.ts";
import { findKey, recheckKey } from "./checks/key.ts";
import { checkAlgorithm, checkKid, checkType } from "./checks/profile.ts";
import {
  checkNoProof,
  checkProofAccessToken,
  checkProofAttestation,
  checkProofAudience,
  checkProofCarrier,
  checkProofDigest,
  checkProofSession,
  checkProofTime,
  checkProofType,
} from "./checks/proof.ts";
import { readProofClaims } from "./checks/proof-claims.ts";
import { consumeUse } from "./checks/replay.ts";
import { checkRequiredClaims } from "./checks/required-claims.ts";
import { checkRevocation } from "./checks/revocation.ts";
import { checkProofSignature, checkSignature } from "./checks/signature.ts";
import { readAttestation, readProof } from "./checks/structure.ts";
import { checkAttestationType, checkSubject, checkTrustDomain } from "./checks/subject.ts";
import { checkLifetime, checkTimes } from "./checks/times.ts";
import { type Refusal, refusal } from "./refusal.ts";
import { RememberedAttestations } from "./remembered-attestations.ts";
import type { AttestationContext, RefusedResult, UnassessedResult, VerificationResult } from "./result.ts";
import { configure, type VerifierConfiguration, type VerifierOptions } from "./verifier-options.ts";

/** SPEC §6 steps 1–6, in this order. */
const ATTESTATION_CHECKS: readonly Check[] = [
  readAttestation,
  checkType,
  checkAlgorithm,
  checkKid,
  checkIssuer,
  checkIssuerAlgorithm,
  findKey,
  checkSignature,
  readClaims,
  checkVersion,
  checkTimes,
  checkLifetime,
  checkConfirmationKey,
  checkAudience,
  checkSubject,
  checkTrustDomain,
  checkAttestationType,
  checkRequiredClaims,
  checkRevocation,
];

/** What can change after an attestation was verified, and so is asked again of a remembered one (T21). */
const RECHECKS: readonly Check[] = [recheckKey, checkTimes, checkRevocation];

/** What is asked again while a bearer attestation serves a session: its times ended with the session's opening (SPEC-4.7). */
const SESSION_RECHECKS: readonly Check[] = [recheckKey, checkRevocation];

/** SPEC §6 steps 7–8, in this order, by profile. */
const USE_CHECKS: Readonly<Record<Profile, readonly Check[]>> = {
  bound: [
    readProof,
    checkProofType,
    checkProofSignature,
    readProofClaims,
    checkProofCarrier,
    checkProofAttestation,
    checkProofAudience,
    checkProofTime,
    checkProofDigest,
    checkProofSession,
    checkProofAccessToken,
    consumeUse,
  ],
  bearer: [checkNoProof, consumeUse],
};

/** What `preferred` and `optional` let pass unverified: presented, but beyond this verifier's knowledge (SPEC §5). */
const UNASSESSABLE: ReadonlySet<AttestationErrorCode> = new Set<AttestationErrorCode>([
  "ERR_ISSUER_UNTRUSTED",
  "ERR_ATTESTATION_VERSION",
  "ERR_ATTESTATION_TYP",
  "ERR_ATTESTATION_ALG",
  "ERR_BEARER_NOT_ALLOWED",
  "ERR_KEY_SOURCE_UNAVAILABLE",
]);

/**
 * Verifies attestations and their proofs, and uses each up. One verifier serves a whole process: two of them would each
 * accept the same proof once, unless they share a replay cache.
 */
export class AttestationVerifier {
  /** What it was configured with, defaults filled in. */
  readonly configuration: VerifierConfiguration;
  readonly #remembered = new RememberedAttestations();
  readonly #load = { verifying: 0 };
  /** What bearer identities were concluded from, for as long as a session holds them. */
  readonly #concluded = new WeakMap<AttestationContext, AssessedAttestation>();

  /** @throws AttestationError `ERR_OPTION`, naming the option that makes no sense. */
  constructor(options: VerifierOptions) {
    this.configuration = configure(options);
  }

  /** Resolves once keys and replay cache can serve; rejects with the reason they cannot. */
  async ready(): Promise<void> {
    const { keyResolver, replayCache } = this.configuration;
    await Promise.all([keyResolver.ready?.(), replayCache.ready?.()]);
  }

  /**
   * Verifies what a message came with, in the order of SPEC §6, and uses it up.
   *
   * Never throws for anything that a peer sent. Says who is calling; what the caller may do is for the server to decide.
   *
   * @param token The attestation as received; `undefined` when there was none. @param request The message it is for, and
   * its proof. A bound attestation is refused without it.
   */
  verify(token: unknown, request?: VerificationRequest): Promise<VerificationResult> {
    const { observer } = this.configuration;
    return observer ? this.#observed(observer, token, request) : this.#decide(token, request);
  }

  /**
   * Asks again what can have changed since a bearer attestation opened a session: whether its issuer still has the key
   * that signed it, and whether it was revoked (T21).
   *
   * @param attestation A result of this verifier.
   * @returns The refusal, or `undefined` if the identity still stands. Any other object than a bearer result of this
   * verifier is refused.
   */
  async recheck(attestation: AttestationContext): Promise<RefusedResult | undefined> {
    const now = this.#now();
    if (now === undefined)
      return refuse(refusal("ERR_CLOCK", "The verifier's clock returned an invalid time"), undefined);
    const known = this.#concluded.get(attestation);
    if (!known) return refuse(refusal("ERR_INTERNAL", "The identity is not one that this verifier established"), now);
    try {
      const assessment = new Assessment(this.configuration, undefined, undefined, now, undefined, this.#load);
      assessment.recall(known);
      const problem = await run(SESSION_RECHECKS, assessment);
      return problem && refuse(problem, now);
    } catch {
      return refuse(refusal("ERR_INTERNAL", "The verifier failed; nothing was accepted"), now);
    }
  }

  async #observed(
    observer: Observer,
    token: unknown,
    request: VerificationRequest | undefined,
  ): Promise<VerificationResult> {
    const started = performance.now();
    const { traceparent, tracestate } = request ?? {};
    const end = begin(observer, {
      name: "verify",
      ...(traceparent !== undefined && { traceparent }),
      ...(tracestate !== undefined && { tracestate }),
    });
    const seen: { assessment?: Assessment } = {};
    const result = await this.#decide(token, request, seen);
    const event = this.#eventOf(result, seen.assessment, (performance.now() - started) / 1000);
    end(event);
    notify(observer, event);
    return result;
  }

  /** @param seen Where the assessment is left for whoever reports on it. */
  async #decide(
    token: unknown,
    request: VerificationRequest | undefined,
    seen?: { assessment?: Assessment },
  ): Promise<VerificationResult> {
    if (token === undefined) {
      return this.#refuseNothing(request) ?? { outcome: "absent", verified: false, trustLevel: "none" };
    }
    const now = this.#now();
    if (now === undefined)
      return refuse(refusal("ERR_CLOCK", "The verifier's clock returned an invalid time"), undefined);
    const provable =
      typeof token === "string" && token.length <= MAX_LENGTH.ATTESTATION && request?.proof !== undefined;
    const { policy } = this.configuration;
    this.#load.verifying++;
    try {
      // Always waits, so that verifications that begin together know of each other before the first signature.
      const tokenHash = await (provable ? digest(token) : undefined);
      const assessment = new Assessment(this.configuration, token, request, now, tokenHash, this.#load);
      if (seen) seen.assessment = assessment;
      const checked = this.#check(assessment);
      const problem = isPending(checked) ? await checked : checked;
      return problem === undefined ? this.#conclude(assessment) : settle(problem, policy, now);
    } catch {
      return settle(refusal("ERR_INTERNAL", "The verifier failed; nothing was accepted"), policy, now);
    } finally {
      this.#load.verifying--;
    }
  }

  #check(assessment: Assessment): MaybePromise<Refusal | undefined> {
    const known = assessment.tokenHash === undefined ? undefined : this.#remembered.get(assessment.tokenHash);
    const assessed = known ? this.#recall(assessment, known) : run(ATTESTATION_CHECKS, assessment);
    return after(assessed, (problem) => {
      if (problem) return problem;
      const { profile = "bearer", tokenHash } = assessment;
      if (!known && profile === "bound" && tokenHash !== undefined) {
        this.#remembered.add(tokenHash, assessedOf(assessment));
      }
      return run(USE_CHECKS[profile], assessment);
    });
  }

  /** Takes up what is remembered of an attestation, after asking again what can have changed. */
  #recall(assessment: Assessment, known: AssessedAttestation): MaybePromise<Refusal | undefined> {
    assessment.recall(known);
    return after(run(RECHECKS, assessment), (problem) => {
      if (problem && assessment.tokenHash !== undefined) this.#remembered.forget(assessment.tokenHash);
      return problem;
    });
  }

  #conclude(assessment: Assessment): AttestationContext {
    const context = contextOf(assessment);
    if (assessment.profile === "bearer") this.#concluded.set(context, assessedOf(assessment));
    return context;
  }

  #refuseNothing(request: VerificationRequest | undefined): RefusedResult | undefined {
    if (request?.proof !== undefined) {
      return refuse(refusal("ERR_PROOF_UNEXPECTED", "A proof came without an attestation"), undefined);
    }
    if (this.configuration.policy !== "required") return undefined;
    return refuse(refusal("ERR_ATTESTATION_REQUIRED", "An attestation is required and none was presented"), undefined);
  }

  /** The time in whole seconds; `undefined` from a clock that tells none, by which nothing can be judged (T19). */
  #now(): number | undefined {
    try {
      const now = Math.floor(this.configuration.clock());
      return Number.isSafeInteger(now) ? now : undefined;
    } catch {
      return undefined;
    }
  }

  #eventOf(result: VerificationResult, assessment: Assessment | undefined, duration: number): VerificationEvent {
    return {
      type: "verification",
      outcome: result.outcome,
      policy: this.configuration.policy,
      trustLevel: result.trustLevel,
      ...(assessment?.profile && { profile: assessment.profile }),
      ...(assessment?.issuer && { issuer: assessment.issuer.issuer }),
      ...("code" in result && { reason: result.reason, code: result.code }),
      ...(result.verified && { subject: result.subject }),
      ...(result.verified && result.keyThumbprint !== undefined && { keyThumbprint: result.keyThumbprint }),
      remembered: assessment?.known !== undefined,
      duration,
    };
  }
}

/** Runs checks in order until one refuses. Waits only where a check does. */
function run(checks: readonly Check[], assessment: Assessment, from = 0): MaybePromise<Refusal | undefined> {
  for (let i = from; i < checks.length; i++) {
    const answer = checks[i]?.(assessment);
    if (isPending(answer)) return answer.then((problem) => problem ?? run(checks, assessment, i + 1));
    if (answer) return answer;
  }
  return undefined;
}

function assessedOf(assessment: Assessment): AssessedAttestation {
  const { profile = "bound", trustedIssuer: issuer, claims, holderKey, key, jws } = assessment;
  return { profile, issuer, kid: jws.header.kid ?? "", issuerKeyThumbprint: key.thumbprint, claims, holderKey };
}

function contextOf({ profile, trustedIssuer, claims, holderKey }: Assessment): AttestationContext {
  const context: Record<string, unknown> = {
    outcome: "verified",
    verified: true,
    profile,
    trustLevel: trustedIssuer.trustLevel,
    issuer: trustedIssuer.issuer,
    subject: claims.sub,
    identity: claims.agentIdentity,
    claims,
    expiresAt: claims.exp,
  };
  if (holderKey) context["keyThumbprint"] = holderKey.thumbprint;
  return Object.freeze(context as unknown as AttestationContext);
}

/** What a refusal comes to under a policy. */
function settle(
  problem: Refusal,
  policy: VerifierConfiguration["policy"],
  now: number,
): RefusedResult | UnassessedResult {
  if (policy === "required" || !UNASSESSABLE.has(problem.code)) return refuse(problem, now);
  const { code } = problem;
  return { outcome: "unassessed", verified: false, trustLevel: "none", reason: wireReason(code), code };
}

function refuse({ code, message }: Refusal, now: number | undefined): RefusedResult {
  const reason = wireReason(code);
  return {
    outcome: "refused",
    verified: false,
    trustLevel: "none",
    reason,
    code,
    message,
    retryable: isRetryable(reason),
    ...(reason === "attestation_expired" && now !== undefined && { serverTime: now }),
  };
}
