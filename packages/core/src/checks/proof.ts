import { digest } from "#crypto";
import { TYP } from "../claims/attestation-kinds.ts";
import { type ProofClaims, readProofClaims } from "../claims/proof-claims.ts";
import { messageDigest } from "../jose/digest.ts";
import type { CompactJws } from "../jose/strict-jws.ts";
import { isSigningAlgorithm } from "../keys/algorithms.ts";
import type { VerificationKey } from "../keys/verification-key.ts";
import { after, type MaybePromise } from "../maybe-promise.ts";
import { notAttesting } from "./audience.ts";
import { type Refusal, refusal, shown } from "./refusal.ts";
import type { Judging } from "./statement.ts";
import { audiencesOf, type UseFacts } from "./use.ts";

/** A use of which the proof was read. */
interface Shown extends UseFacts {
  readonly proof: CompactJws;
}

/** A use of which the proof's claims were read. */
interface Proved extends Shown {
  readonly proofClaims: ProofClaims;
}

const NOTHING = new Uint8Array();

/** §6 step 7: the attestation holds the key that proofs are made with. */
export function takeHolder({ statement: { holderKey } }: UseFacts): Refusal | { holderKey: VerificationKey } {
  return holderKey ? { holderKey } : refusal("ERR_CONFIRMATION_KEY", "The attestation lacks the agent's key (cnf.jwk)");
}

/** §6 step 7: the proof says what it is (T9) and is of the algorithm of the key in the attestation (T2). */
export function checkProofType({
  proof,
  holderKey: { algorithm },
  configuration,
}: Shown & { readonly holderKey: VerificationKey }): Refusal | undefined {
  if (proof.header.typ !== TYP.proof) return refusal("ERR_PROOF_TYP", "The proof's typ is not that of a proof");
  const accepted = isSigningAlgorithm(algorithm) && configuration.proofAlgorithms.includes(algorithm);
  if (accepted && proof.header.alg === algorithm) return undefined;
  return refusal("ERR_PROOF_ALG", "The proof's alg is not that of the agent's key, or not accepted here");
}

/** §6 step 7: the proof's claims by their schema. */
export function takeProofClaims({ proof }: Shown): Refusal | { proofClaims: ProofClaims } {
  const proofClaims = readProofClaims(proof.payload);
  if (!("problem" in proofClaims)) return { proofClaims };
  return refusal("ERR_PROOF_CLAIMS", `The proof's claims are malformed: ${proofClaims.problem}`);
}

/** §6 step 7: the proof is for this attestation. */
export function checkProofAttestation({ proofClaims, tokenHash }: Proved): Refusal | undefined {
  if (proofClaims.attHash === tokenHash) return undefined;
  return refusal("ERR_PROOF_ATTESTATION", "The proof is for another attestation");
}

/** §6 step 7, M5: the proof is for this server, and for an audience of the attestation where that names any. */
export function checkProofAudience(facts: Proved): Refusal | { audience: string } {
  const { statement, configuration, request } = facts;
  const { aud } = facts.proofClaims;
  const elsewhere = notAttesting(statement, aud);
  if (!audiencesOf(facts).includes(aud)) {
    const names = `this server is ${shown(request?.audience ?? configuration.audiences)} (audience)`;
    return refusal("ERR_PROOF_AUDIENCE", `The proof is for the audience ${shown(aud)}; ${names}`);
  }
  if (elsewhere) {
    const issued = `the attestation is issued for ${shown(elsewhere.aud)}`;
    return refusal("ERR_PROOF_AUDIENCE", `The proof is for the audience ${shown(aud)}; ${issued}`);
  }
  return { audience: aud };
}

/** §6 step 7, T19: the proof was made just now. */
export function checkProofTime(facts: Proved): Refusal | undefined {
  return checkMadeJustNow(facts.proofClaims.iat, facts);
}

/** The same of any proof. */
export function checkMadeJustNow(iat: number, { configuration, now }: Judging): Refusal | undefined {
  const { proofWindow, clockTolerance } = configuration;
  if (iat >= now - proofWindow - clockTolerance && iat <= now + clockTolerance) return undefined;
  const dated = iat > now ? `${iat - now} s ahead` : `${now - iat} s ago`;
  return refusal(
    "ERR_PROOF_TIME",
    `The proof is dated ${dated}, outside the time in which it is accepted (proofWindow ${proofWindow}, ` +
      `clockTolerance ${clockTolerance})`,
  );
}

/** §6 step 7: the proof covers a message or an HTTP request, never a mixture, and as this one came. */
export function checkProofCarrier({ proofClaims, request }: Proved): Refusal | undefined {
  if (request?.kind === undefined) return refusal("ERR_PROOF_REQUEST", "A proof can only be verified for a message");
  const forMessage = proofClaims.mcpDigest !== undefined;
  const forMethod = proofClaims.htm !== undefined;
  const forBody = proofClaims.bodyDigest !== undefined;
  const matches = request.kind === "http" ? !forMessage && forMethod && forBody : forMessage && !forMethod && !forBody;
  return matches ? undefined : refusal("ERR_PROOF_CARRIER", "The proof does not cover what its carrier demands");
}

/** §6 step 7, M5: the proof is for this message, to the last member. */
export function checkProofDigest({ proofClaims, request }: Proved): MaybePromise<Refusal | undefined> {
  const { htm, mcpDigest, bodyDigest } = proofClaims;
  if (request?.kind === "http") {
    if (htm !== request.method) return refusal("ERR_PROOF_METHOD", "The proof is for another HTTP method");
    return after(digest(request.body ?? NOTHING), (actual) => judgeDigest(bodyDigest, actual));
  }
  return after(request && messageDigest(request), (actual) => judgeDigest(mcpDigest, actual));
}

function judgeDigest(claimed: string | undefined, actual: string | undefined): Refusal | undefined {
  if (actual !== undefined && claimed === actual) return undefined;
  return refusal("ERR_PROOF_DIGEST", "The proof is for another message");
}

/** §6 step 7, M1: the proof is for this session, and says so exactly when there is one. */
export function checkProofSession({ proofClaims, request }: Proved): Refusal | undefined {
  if (proofClaims.session === request?.sessionId) return undefined;
  return refusal("ERR_PROOF_SESSION", "The proof is for another session");
}

/** §6 step 7, RFC 9449 §4.3: the proof is for the access token sent with it, and says so exactly when there is one. */
export function checkProofAccessToken({ proofClaims, request }: Proved): MaybePromise<Refusal | undefined> {
  const { accessToken } = request ?? {};
  return after(accessToken === undefined ? undefined : digest(accessToken), (expected) =>
    proofClaims.ath === expected
      ? undefined
      : refusal("ERR_PROOF_ACCESS_TOKEN", "The proof is for another access token"),
  );
}

/** A proof has no place next to a bearer attestation: one of the two is not what it seems (T24). */
export function checkNoProof({ request }: UseFacts): Refusal | undefined {
  if (request?.proof === undefined) return undefined;
  return refusal("ERR_PROOF_UNEXPECTED", "A bearer attestation came with a proof");
}
