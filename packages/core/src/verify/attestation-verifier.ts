import { digest } from "#crypto";
import type { Profile } from "../claims/profile.ts";
import { AttestationError } from "../errors.ts";
import { MAX_LENGTH } from "../jose/strict-jws.ts";
import { after, isPending, type MaybePromise } from "../maybe-promise.ts";
import { begin, notify, type Observer } from "../observer.ts";
import { type AssessedAttestation, Assessment, type Check, type VerificationRequest } from "./assessment.ts";
import { CachedAttestations } from "./cached-attestations.ts";
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
import { assessedOf, contextOf, refuse, settle } from "./conclusions.ts";
import { type Refusal, refusal } from "./refusal.ts";
import type { AttestationContext, RefusedResult, VerificationResult } from "./result.ts";
import { verificationEvent } from "./verification-event.ts";
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

/** What can change after an attestation was verified, and so is asked again of a cached one (T21). */
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

/**
 * Verifies attestations and their proofs, and uses each up. One verifier serves a whole process: two of them would each
 * accept the same proof once, unless they share a replay cache.
 */
export class AttestationVerifier {
  /** What it was configured with, defaults filled in. */
  readonly configuration: VerifierConfiguration;
  readonly #cached: CachedAttestations;
  readonly #load = { verifying: 0 };
  /** What bearer identities were concluded from, for as long as a session holds them. */
  readonly #concluded = new WeakMap<AttestationContext, AssessedAttestation>();

  /** @throws AttestationError `ERR_OPTION`, naming the option that makes no sense. */
  constructor(options: VerifierOptions) {
    this.configuration = configure(options);
    this.#cached = new CachedAttestations(this.configuration.maxCachedAttestations);
  }

  /**
   * Resolves once keys and replay cache can serve; call it before listening.
   *
   * @throws AttestationError `ERR_KEY_SOURCE_UNAVAILABLE` if a trusted issuer has no key, as far as the resolver can tell; what
   * the resolver and the cache reject with comes through unchanged.
   */
  async ready(): Promise<void> {
    const { issuers, keyResolver, replayCache } = this.configuration;
    await Promise.all([keyResolver.ready?.(), replayCache.ready?.()]);
    for (const issuer of issuers.keys()) {
      if ((await keyResolver.hasKeys?.(issuer)) !== false) continue;
      throw new AttestationError(
        "ERR_KEY_SOURCE_UNAVAILABLE",
        `No key of the trusted issuer ${issuer} is known, so none of its attestations can be verified`,
      );
    }
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
    const duration = (performance.now() - started) / 1000;
    const { policy } = this.configuration;
    const event = verificationEvent(result, { policy, assessment: seen.assessment, duration });
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
    const { tokenHash } = assessment;
    const known = tokenHash === undefined ? undefined : this.#cached.get(tokenHash);
    const assessed = known ? this.#recall(assessment, known) : run(ATTESTATION_CHECKS, assessment);
    return after(assessed, (problem) => {
      if (problem) return problem;
      const { profile } = assessment;
      if (profile !== "bound" || tokenHash === undefined) return run(USE_CHECKS[profile ?? "bearer"], assessment);
      const attestation = known ?? assessedOf(assessment);
      if (!known) this.#cached.hold(tokenHash, attestation);
      return after(run(USE_CHECKS.bound, assessment), (refused) => {
        if (!refused) this.#cached.keep(tokenHash, attestation);
        return refused;
      });
    });
  }

  /** Takes up what is cached of an attestation, after asking again what can have changed. */
  #recall(assessment: Assessment, known: AssessedAttestation): MaybePromise<Refusal | undefined> {
    assessment.recall(known);
    return after(run(RECHECKS, assessment), (problem) => {
      if (problem && assessment.tokenHash !== undefined) this.#cached.forget(assessment.tokenHash);
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
