import {
  AttestationError,
  decodeBase64url,
  importVerificationKey,
  type PublicJwk,
  possessionInput,
  possessionInput1,
} from "@attest/core";
import { Problem } from "./problem.ts";

/** A signature over a challenge, and what it must have been made for. */
export interface PossessionProof {
  readonly challenge: string;
  /** base64url of the raw signature. */
  readonly signature: string;
  /** The addresses by which clients know this authority. */
  readonly addresses: readonly string[];
  /** Accept a signature that names no authority, which another authority can have obtained (form 1). */
  readonly acceptForm1: boolean;
}

/**
 * Checks that the caller holds the private half of the key, by its signature over a challenge for this authority.
 *
 * @throws Problem `key_not_accepted`, `possession_not_proved`.
 */
export async function checkPossession(
  confirmationKey: Readonly<Record<string, unknown>>,
  { challenge, signature, addresses, acceptForm1 }: PossessionProof,
): Promise<PublicJwk> {
  const jwk = confirmationKey as unknown as PublicJwk;
  const inputs = addresses.map((address) => possessionInput(challenge, address));
  if (acceptForm1) inputs.push(possessionInput1(challenge));
  try {
    const key = await importVerificationKey(jwk);
    const bytes = decodeBase64url(signature);
    for (const input of bytes ? inputs : []) {
      if (bytes && (await key.verify(input, bytes))) return jwk;
    }
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    throw new Problem("key_not_accepted", `The confirmation key is not accepted: ${error.message}`);
  }
  const known = addresses.join(" or ");
  throw new Problem(
    "possession_not_proved",
    `The signature is not this key's over possession form 2 for this challenge and the address ${known}`,
  );
}
