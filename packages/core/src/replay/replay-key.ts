import { digest } from "#crypto";
import { after, type MaybePromise } from "../maybe-promise.ts";

/**
 * What a use is remembered by (R1, R2): 128 bits of a SHA-256 over length-delimited parts, so that it stands for what
 * was meant and not for how it was spelt, and so that no two different lists of parts are written alike.
 */
export function replayKey(parts: readonly string[]): MaybePromise<string> {
  let text = "";
  for (const part of parts) text += `${part.length}:${part}`;
  return after(digest(text), firstHalf);
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The base64url of the first 128 of a digest's bits: 21 of its characters, and of the next one the upper two bits. */
function firstHalf(digest: string): string {
  return digest.slice(0, 21) + ALPHABET.charAt(ALPHABET.indexOf(digest.charAt(21)) & 0b110000);
}
