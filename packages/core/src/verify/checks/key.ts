import { AttestationError } from "../../errors.ts";
import { isVerificationKey, type VerificationKey } from "../../keys/verification-key.ts";
import { isPending, type MaybePromise } from "../../maybe-promise.ts";
import type { Assessment } from "../assessment.ts";
import { withinDeadline } from "../deadline.ts";
import { type Refusal, refusal } from "../refusal.ts";
import { algorithmOf } from "./profile.ts";

/** §6 step 4: the key of this issuer with this kid, and of no other (K7). A source that cannot say is unavailable, not "no" (J8). */
export function findKey(assessment: Assessment): MaybePromise<Refusal | undefined> {
  const { kid = "" } = assessment.jws.header;
  return resolve(assessment, assessment.trustedIssuer.issuer, kid, (key) => {
    // Keys are typed at import, so that no token can choose what its key is used for (T2).
    if (key.algorithm !== algorithmOf(assessment)) {
      return refusal("ERR_ATTESTATION_SIGNATURE", "The attestation's alg is not that of the key it names");
    }
    assessment.key = key;
    return undefined;
  });
}

/** T21, on a remembered attestation: the key that signed it is still the one its issuer has under that kid. */
export function recheckKey(assessment: Assessment): MaybePromise<Refusal | undefined> {
  const { known } = assessment;
  return resolve(assessment, assessment.trustedIssuer.issuer, known?.kid ?? "", (key) =>
    key.thumbprint === known?.issuerKeyThumbprint
      ? undefined
      : refusal("ERR_ATTESTATION_SIGNATURE", "The key that signed the attestation was replaced"),
  );
}

function resolve(
  { configuration: { keyResolver } }: Assessment,
  issuer: string,
  kid: string,
  next: (key: VerificationKey) => Refusal | undefined,
): MaybePromise<Refusal | undefined> {
  const accept = (key: unknown): Refusal | undefined => {
    if (key === undefined) return refusal("ERR_KEY_NOT_FOUND", "The issuer has no key with the attestation's kid");
    // A falsy or half-made key is a broken source, and never "unsigned" (T3).
    return isVerificationKey(key) ? next(key) : unavailable(undefined);
  };
  try {
    const found: unknown = keyResolver.resolve(issuer, kid);
    return isPending(found) ? withinDeadline(found).then(accept).catch(unavailable) : accept(found);
  } catch (error) {
    return unavailable(error);
  }
}

/**
 * A resolver that throws means "unavailable", unless it says by its code that the kid names several keys or a key that must
 * not be used. Its message says why that key is passed over, and stays here.
 */
function unavailable(error: unknown): Refusal {
  if (error instanceof AttestationError) {
    const { code, message } = error;
    if (code === "ERR_KEY_DUPLICATE") return refusal(code, "The attestation's kid names several keys");
    if (code === "ERR_KEY_NOT_FOUND") return refusal(code, message);
  }
  return refusal("ERR_KEY_SOURCE_UNAVAILABLE", "The issuer's keys are temporarily unavailable");
}
