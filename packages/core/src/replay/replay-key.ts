import { sha256, toBase64url } from "#crypto";
import { after, type MaybePromise } from "../maybe-promise.ts";

/**
 * What a use is remembered by (R1, R2): 128 bits of a SHA-256 over length-delimited parts, so that it stands for what
 * was meant and not for how it was spelt, and so that no two different lists of parts are written alike.
 */
export function replayKey(parts: readonly string[]): MaybePromise<string> {
  let text = "";
  for (const part of parts) text += `${part.length}:${part}`;
  return after(sha256(text), (hash) => toBase64url(hash.subarray(0, 16)));
}
