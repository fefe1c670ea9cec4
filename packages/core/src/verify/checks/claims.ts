import { readAttestationClaims } from "../../claims/attestation-claims.ts";
import { VERSION } from "../../claims/profile.ts";
import type { PublicJwk } from "../../keys/jwk.ts";
import { importVerificationKey } from "../../keys/verification-key.ts";
import type { MaybePromise } from "../../maybe-promise.ts";
import type { Assessment } from "../assessment.ts";
import { type Refusal, refusal } from "../refusal.ts";

/** §6 step 6: the claims by their schema, rebuilt from known own members (T11, T18). */
export function readClaims(assessment: Assessment): Refusal | undefined {
  const { claims, problem } = readAttestationClaims(assessment.jws.payload);
  if (problem !== undefined)
    return refusal("ERR_ATTESTATION_CLAIMS", `The attestation's claims are malformed: ${problem}`);
  assessment.claims = claims;
  return undefined;
}

/** §6 step 6: the version is the one of the profile. */
export function checkVersion({ claims, profile = "bound" }: Assessment): Refusal | undefined {
  if (claims.attestationMetadata.attestationVersion === VERSION[profile]) return undefined;
  return refusal("ERR_ATTESTATION_VERSION", `The attestation's version is not ${VERSION[profile]}`);
}

/** §6 step 6: the bound profile has the agent's key, fit to be one (K2, K3); the bearer profile has none (T24). */
export function checkConfirmationKey(assessment: Assessment): MaybePromise<Refusal | undefined> {
  const { cnf } = assessment.claims;
  if (assessment.profile === "bearer") {
    if (cnf === undefined) return undefined;
    return refusal("ERR_BEARER_CONFIRMATION", "A bearer attestation holds a key: a bound one was made to look like it");
  }
  if (cnf === undefined) return refusal("ERR_CONFIRMATION_KEY", "A bound attestation lacks the agent's key (cnf.jwk)");
  return takeHolderKey(assessment);
}

async function takeHolderKey(assessment: Assessment): Promise<Refusal | undefined> {
  try {
    // The key as it was sent: what the claims leave out of it could be its private half.
    const sent = assessment.jws.payload["cnf"] as { jwk: PublicJwk };
    assessment.holderKey = await importVerificationKey(sent.jwk);
    return undefined;
  } catch {
    return refusal("ERR_CONFIRMATION_KEY", "The agent's key in the attestation (cnf.jwk) is not usable as one");
  }
}
