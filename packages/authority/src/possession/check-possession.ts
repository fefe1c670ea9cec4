import {
  AttestationError,
  decodeBase64url,
  importVerificationKey,
  type PublicJwk,
  possessionInput,
  possessionInput1,
  type VerificationKey,
} from "@attest/core";
import { Problem } from "../problem.ts";

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

/** Vets a key that is to be attested. @throws Problem `key_not_accepted`. */
export async function importConfirmationKey(jwk: Readonly<Record<string, unknown>>): Promise<VerificationKey> {
  try {
    return await importVerificationKey(jwk as unknown as PublicJwk);
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    throw new Problem("key_not_accepted", `The key is not accepted: ${error.message}`);
  }
}

/**
 * Checks that the caller holds the private half of a key, by its signature over a challenge for this authority (SPEC-8.9).
 *
 * @throws Problem `possession_not_proved`.
 */
export async function checkPossession(key: VerificationKey, proof: PossessionProof): Promise<void> {
  const { challenge, signature, addresses, acceptForm1 } = proof;
  const inputs = addresses.map((address) => possessionInput(challenge, address));
  if (acceptForm1) inputs.push(possessionInput1(challenge));
  const bytes = decodeBase64url(signature);
  for (const input of bytes ? inputs : []) {
    if (bytes && (await key.verify(input, bytes))) return;
  }
  throw new Problem(
    "possession_not_proved",
    `The signature is not this key's over possession form 2 for this challenge and the address ${addresses.join(" or ")}`,
  );
}
