import {
  AttestationError,
  decodeBase64url,
  importVerificationKey,
  type PublicJwk,
  possessionInput,
} from "@attest/core";
import { Problem } from "./problem.ts";

/** Checks that whoever asks holds the private half of the key, by its signature over a challenge. */
export async function checkPossession(
  confirmationKey: Readonly<Record<string, unknown>>,
  challenge: string,
  signature: string,
): Promise<PublicJwk> {
  const jwk = confirmationKey as unknown as PublicJwk;
  let valid = false;
  try {
    const key = await importVerificationKey(jwk);
    const bytes = decodeBase64url(signature);
    valid = bytes !== undefined && (await key.verify(possessionInput(challenge), bytes));
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    throw new Problem("key_not_accepted", `The confirmation key is not accepted: ${error.message}`);
  }
  if (!valid) throw new Problem("possession_not_proved", "The signature over the challenge is not this key's");
  return jwk;
}
