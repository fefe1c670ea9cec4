import { toBase64url, utf8 } from "#crypto";
import { optionError } from "../errors.ts";
import type { JwsLimits } from "../jose/jws-limits.ts";
import { SIGNATURE_BYTES } from "../jose/jws-limits.ts";
import type { Signer } from "../keys/signer.ts";

/** A dot and the base64url of a signature. */
const SIGNATURE_LENGTH = 1 + 86;

/**
 * Signs a header and a payload, both JSON texts, as compact JWS (RFC 7515 §7.1).
 *
 * @throws AttestationError `ERR_OPTION` for what every verifier would refuse: one that is too long, or a signature that is not
 * 64 bytes. What the signer throws comes through unchanged.
 */
export async function signJws(header: string, payload: string, signer: Signer, limits: JwsLimits): Promise<string> {
  const signingInput = `${encode(header)}.${encode(payload)}`;
  const length = signingInput.length + SIGNATURE_LENGTH;
  if (length > limits.length) {
    const most = `${limits.credential === "PROOF" ? "a proof" : "an attestation"} may have ${limits.length}`;
    throw optionError(
      "claims",
      `take ${length} characters when signed, and ${most}: shorten the audience or the texts`,
    );
  }
  const signing = signer.sign(utf8(signingInput));
  const signature: unknown = signing instanceof Promise ? await signing : signing;
  if (!(signature instanceof Uint8Array) || signature.length !== SIGNATURE_BYTES) {
    throw optionError("signer", "must return raw signatures of 64 bytes: for ES256 r and s, not DER");
  }
  return `${signingInput}.${toBase64url(signature)}`;
}

function encode(json: string): string {
  return toBase64url(utf8(json));
}
