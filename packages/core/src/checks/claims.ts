import { type AttestationClaims, readAttestationClaims } from "../claims/attestation-claims.ts";
import { VERSION } from "../claims/attestation-kinds.ts";
import type { PublicJwk } from "../keys/jwk.ts";
import { importVerificationKey, type VerificationKey } from "../keys/verification-key.ts";
import type { MaybePromise } from "../maybe-promise.ts";
import { type Refusal, refusal } from "./refusal.ts";
import type { Recognised } from "./statement.ts";

/** A token of this protocol of which the claims were read. */
export interface Claimed extends Recognised {
  readonly claims: AttestationClaims;
}

/** §6 step 6: the claims by their schema, rebuilt from known own members (T11, T18). */
export function readClaims({ jws }: Recognised): Refusal | { claims: AttestationClaims } {
  const { claims, problem } = readAttestationClaims(jws.payload);
  if (problem === undefined) return { claims };
  return refusal("ERR_ATTESTATION_CLAIMS", `The attestation's claims are malformed: ${problem}`);
}

/** §6 step 6: the version is that of an attestation. */
export function checkVersion(facts: Claimed): Refusal | undefined {
  return judgeVersion(facts, VERSION.attestation);
}

/** §6 step 6: the version is that of a bearer attestation. */
export function checkBearerVersion(facts: Claimed): Refusal | undefined {
  return judgeVersion(facts, VERSION.bearer);
}

function judgeVersion({ claims }: Claimed, version: string): Refusal | undefined {
  if (claims.attestationMetadata.attestationVersion === version) return undefined;
  return refusal("ERR_ATTESTATION_VERSION", `The attestation's version is not ${version}`);
}

/** §6 step 6: an attestation has the agent's key, fit to be one (K2, K3). */
export function checkConfirmationKey({ claims, jws }: Claimed): MaybePromise<Refusal | { holderKey: VerificationKey }> {
  if (claims.cnf === undefined) {
    return refusal("ERR_CONFIRMATION_KEY", "A bound attestation lacks the agent's key (cnf.jwk)");
  }
  // The key as it was sent: what the claims leave out of it could be its private half.
  return takeHolderKey((jws.payload["cnf"] as { jwk: PublicJwk }).jwk);
}

/** §6 step 6: a bearer attestation has no key (T24). */
export function checkNoConfirmationKey({ claims }: Claimed): Refusal | undefined {
  if (claims.cnf === undefined) return undefined;
  return refusal("ERR_BEARER_CONFIRMATION", "A bearer attestation holds a key: a bound one was made to look like it");
}

/** §6 step 6 of a foreign token: one that is bound to a key is not presented without a proof (T24). */
export function checkUnbound({ jws: { payload } }: Recognised): Refusal | undefined {
  if (!Object.hasOwn(payload, "cnf")) return undefined;
  return refusal("ERR_BEARER_CONFIRMATION", "The token is bound to a key (cnf), and no proof goes with its format");
}

/** Prepares the agent's own key, as it was sent. */
export async function takeHolderKey(jwk: PublicJwk): Promise<Refusal | { holderKey: VerificationKey }> {
  try {
    return { holderKey: await importVerificationKey(jwk) };
  } catch {
    return refusal("ERR_CONFIRMATION_KEY", "The agent's key in the attestation (cnf.jwk) is not usable as one");
  }
}
