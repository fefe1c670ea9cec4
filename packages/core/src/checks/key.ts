import { AttestationError } from "../errors.ts";
import { isVerificationKey, type VerificationKey } from "../keys/verification-key.ts";
import { isPending, type MaybePromise } from "../maybe-promise.ts";
import { withinDeadline } from "./deadline.ts";
import { type Refusal, refusal } from "./refusal.ts";
import type { Attributed, Judging, Statement } from "./statement.ts";

/** The key, under the name `key`. */
type FoundKey = { key: VerificationKey };

/** §6 step 4: the key of this issuer with this kid, and of no other (K7). A source that cannot say is unavailable, not "no" (J8). */
export function findKey(facts: Attributed): MaybePromise<Refusal | FoundKey> {
  return keyFor(facts, (key) => key.use === undefined || key.use === "sig");
}

/**
 * The same for a foreign format, whose issuers mark in a JWK what kind of token its key signs.
 *
 * @param mayBeUsed Whether a key is one for tokens of this format.
 */
export function keyFor(
  { kid, algorithm, issuer, configuration }: Attributed,
  mayBeUsed: (key: VerificationKey) => boolean,
): MaybePromise<Refusal | FoundKey> {
  return resolve(configuration, issuer.issuer, kid, (found) => {
    // Keys are typed at import, so that no token can choose what its key is used for (T2).
    const key = found.algorithm === algorithm ? found : found.as?.(algorithm);
    if (key?.algorithm === algorithm && mayBeUsed(key)) return { key };
    return refusal("ERR_ATTESTATION_SIGNATURE", "The attestation's alg is not that of the key it names");
  });
}

/** T21, on a remembered attestation: the key that signed it is still the one its issuer has under that kid. */
export function recheckKey({
  configuration,
  statement: { issuer, kid, issuerKeyThumbprint },
}: Judging & { readonly statement: Statement }): MaybePromise<Refusal | undefined> {
  return resolve(configuration, issuer.issuer, kid, (key) =>
    key.thumbprint === issuerKeyThumbprint
      ? undefined
      : refusal("ERR_ATTESTATION_SIGNATURE", "The key that signed the attestation was replaced"),
  );
}

function resolve<Found>(
  { keyResolver }: Judging["configuration"],
  issuer: string,
  kid: string,
  next: (key: VerificationKey) => Refusal | Found,
): MaybePromise<Refusal | Found> {
  const accept = (key: unknown): Refusal | Found => {
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
