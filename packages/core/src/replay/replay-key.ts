import { sha256 } from "#crypto";
import { encodeBase64url } from "../jose/base64url.ts";

/**
 * What a use is remembered by (R1, R2): 128 bits of a SHA-256 over length-delimited parts, so that it stands for what
 * was meant and not for how it was spelt, and so that no two different lists of parts are written alike.
 */
export async function replayKey(parts: readonly string[]): Promise<string> {
  const hash = await sha256(parts.map((part) => `${part.length}:${part}`).join(""));
  return encodeBase64url(hash.subarray(0, 16));
}
