import { type Profile, TYP } from "../../claims/profile.ts";
import { isKid, type SigningAlgorithm } from "../../keys/jwk.ts";
import type { Assessment } from "../assessment.ts";
import { type Refusal, refusal } from "../refusal.ts";

/** What each profile's `alg` may say, and what it means. A name that is not here has no meaning (T1). */
const ALGS: Readonly<Record<Profile, ReadonlyMap<string, SigningAlgorithm>>> = {
  bound: new Map([
    ["Ed25519", "Ed25519"],
    ["ES256", "ES256"],
  ]),
  bearer: new Map([
    ["EdDSA", "Ed25519"],
    ["Ed25519", "Ed25519"],
  ]),
};

/** §6 step 2: `typ` tells the profile, exactly (T9); the bearer profile only where it was opted into (T23). */
export function checkType(assessment: Assessment): Refusal | undefined {
  const { typ } = assessment.jws.header;
  if (typ === TYP.bound) assessment.profile = "bound";
  else if (typ === TYP.bearer) assessment.profile = "bearer";
  else return refusal("ERR_ATTESTATION_TYP", "The attestation's typ is not one of an attestation");
  if (assessment.profile === "bearer" && !assessment.configuration.allowBearer) {
    return refusal("ERR_BEARER_NOT_ALLOWED", "Bearer attestations are not accepted here (allowBearer)");
  }
  return undefined;
}

/** §6 step 2: `alg` is in the profile's list. */
export function checkAlgorithm(assessment: Assessment): Refusal | undefined {
  if (algorithmOf(assessment) !== undefined) return undefined;
  return refusal("ERR_ATTESTATION_ALG", "The attestation's alg is not one of its profile");
}

/** §6 step 2: `kid` is there, since keys are found by it alone (T6). */
export function checkKid(assessment: Assessment): Refusal | undefined {
  if (isKid(assessment.jws.header.kid)) return undefined;
  return refusal("ERR_ATTESTATION_HEADER", "The attestation's kid is not 1–256 visible ASCII characters");
}

/** The algorithm that the attestation's `alg` means in its profile. */
export function algorithmOf({ jws, profile }: Assessment): SigningAlgorithm | undefined {
  return profile && ALGS[profile].get(jws.header.alg);
}
