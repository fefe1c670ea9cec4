import { toBase64url, utf8 } from "#crypto";
import type { Signer } from "../keys/signer.ts";

/** Signs a header and a payload, both JSON texts, as compact JWS (RFC 7515 §7.1). */
export async function signJws(header: string, payload: string, signer: Signer): Promise<string> {
  const signingInput = `${encode(header)}.${encode(payload)}`;
  const signature = signer.sign(utf8(signingInput));
  return `${signingInput}.${toBase64url(signature instanceof Promise ? await signature : signature)}`;
}

function encode(json: string): string {
  return toBase64url(utf8(json));
}
