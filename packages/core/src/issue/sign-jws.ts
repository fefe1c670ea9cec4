import { encodeBase64url } from "../jose/base64url.ts";
import type { Signer } from "../keys/signer.ts";

const encoder = new TextEncoder();

/** Signs a header and a payload as compact JWS (RFC 7515 §7.1). */
export async function signJws(header: object, payload: object, signer: Signer): Promise<string> {
  const signingInput = `${encodeJson(header)}.${encodeJson(payload)}`;
  const signature = signer.sign(encoder.encode(signingInput));
  return `${signingInput}.${encodeBase64url(signature instanceof Promise ? await signature : signature)}`;
}

function encodeJson(value: object): string {
  return encodeBase64url(encoder.encode(JSON.stringify(value)));
}
