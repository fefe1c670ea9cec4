import { AttestationError } from "../errors.ts";
import { isVerificationKey, type VerificationKey } from "../keys/verification-key.ts";
import { isPending, type MaybePromise } from "../maybe-promise.ts";
import type { TokenFormat } from "../trust/token-format.ts";
import { withinDeadline } from "./deadline.ts";
import { rulesOf } from "./format-rules.ts";
import { type Refusal, refusal } from "./refusal.ts";
import type { Attributed, Judging, Statement } from "./statement.ts";

/** The key, under the name `key`. */
type FoundKey = { key: VerificationKey };

/** §6 step 4: the key of this issuer with this kid, and of no other (K7). A source that cannot say is unavailable, not "no" (J8). */
export function findKey({
  kid,
  algorithm,
  issuer,
  format,
  configuration,
}: Attributed): MaybePromise<Refusal | FoundKey> {
  return resolve(configuration, issuer.issuer, kid, (found) => {
    // Keys are typed at import, so that no token can choose what its key is used for (T2).
    const key = found.algorithm === algorithm ? found : found.as?.(algorithm);
    if (key?.algorithm !== algorithm) {
      return refusal("ERR_ATTESTATION_SIGNATURE", "The attestation's alg is not that of the key it names");
    }
    return isFor(format, key) ? { key } : refusal("ERR_ATTESTATION_SIGNATURE", NOT_FOR_FORMAT);
  });
}

const NOT_FOR_FORMAT = "The use of the key that the attestation names is not to sign tokens of its format";

/** Whether an issuer has a key for tokens of this format: the `use` in its JWK can say otherwise (K6). */
function isFor(format: TokenFormat, { use }: VerificationKey): boolean {
  return rulesOf(format).keyUses.includes(use);
}

/** T21, on a remembered attestation: the key that signed it is still the one its issuer has under that kid. */
export function recheckKey({
  configuration,
  statement: { format, issuer, kid, issuerKeyThumbprint },
}: Judging & { readonly statement: Statement }): MaybePromise<Refusal | undefined> {
  return resolve(configuration, issuer.issuer, kid, (key) => {
    if (key.thumbprint !== issuerKeyThumbprint) {
      return refusal("ERR_ATTESTATION_SIGNATURE", "The key that signed the attestation was replaced");
    }
    return isFor(format, key) ? undefined : refusal("ERR_ATTESTATION_SIGNATURE", NOT_FOR_FORMAT);
  });
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
    return isVerificationKey(key) ? next(key) : keysUnavailable(undefined);
  };
  try {
    const found: unknown = keyResolver.resolve(issuer, kid);
    return isPending(found) ? withinDeadline(found).then(accept).catch(keysUnavailable) : accept(found);
  } catch (error) {
    return keysUnavailable(error);
  }
}

/**
 * A resolver that throws means "unavailable", unless it says by its code that the kid names several keys or a key that must
 * not be used. Its message says why that key is passed over, and stays here.
 */
function keysUnavailable(error: unknown): Refusal {
  if (error instanceof AttestationError) {
    const { code, message } = error;
    if (code === "ERR_KEY_DUPLICATE") return refusal(code, "The attestation's kid names several keys");
    if (code === "ERR_KEY_NOT_FOUND") return refusal(code, message);
  }
  return refusal("ERR_KEY_SOURCE_UNAVAILABLE", "The issuer's keys are temporarily unavailable");
}
