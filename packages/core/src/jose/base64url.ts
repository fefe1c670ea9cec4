const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const NOT_IN_ALPHABET = 64;
const VALUES = new Uint8Array(128).fill(NOT_IN_ALPHABET);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

/** Encodes bytes as base64url without padding (RFC 4648 §5). */
export function encodeBase64url(bytes: Uint8Array): string {
  let text = "";
  const whole = bytes.length - (bytes.length % 3);
  let i = 0;
  for (; i < whole; i += 3) {
    const group = ((bytes[i] as number) << 16) | ((bytes[i + 1] as number) << 8) | (bytes[i + 2] as number);
    text += ALPHABET.charAt(group >> 18) + ALPHABET.charAt((group >> 12) & 63);
    text += ALPHABET.charAt((group >> 6) & 63) + ALPHABET.charAt(group & 63);
  }
  if (bytes.length - i === 1) {
    const last = bytes[i] as number;
    text += ALPHABET.charAt(last >> 2) + ALPHABET.charAt((last << 4) & 63);
  } else if (bytes.length - i === 2) {
    const last = ((bytes[i] as number) << 8) | (bytes[i + 1] as number);
    text += ALPHABET.charAt(last >> 10) + ALPHABET.charAt((last >> 4) & 63) + ALPHABET.charAt((last << 2) & 63);
  }
  return text;
}

/**
 * Decodes base64url, only in its one canonical spelling: no padding, no white space, no other alphabet, no stray bits
 * behind the last byte (T16). Anything else is `undefined`.
 */
export function decodeBase64url(text: string): Uint8Array | undefined {
  const rest = text.length & 3;
  if (rest === 1) return undefined;
  const bytes = new Uint8Array((text.length * 3) >> 2);
  // Every value in the alphabet is below 64, so a single bit of the accumulated values tells whether all were.
  let seen = 0;
  let at = 0;
  let i = 0;
  for (const end = text.length - rest; i < end; i += 4) {
    const a = valueAt(text, i);
    const b = valueAt(text, i + 1);
    const c = valueAt(text, i + 2);
    const d = valueAt(text, i + 3);
    seen |= a | b | c | d;
    bytes[at++] = (a << 2) | (b >> 4);
    bytes[at++] = (b << 4) | (c >> 2);
    bytes[at++] = (c << 6) | d;
  }
  if (rest !== 0) {
    const a = valueAt(text, i);
    const b = valueAt(text, i + 1);
    const c = rest === 3 ? valueAt(text, i + 2) : 0;
    seen |= a | b | c;
    bytes[at++] = (a << 2) | (b >> 4);
    if (rest === 3) bytes[at++] = (b << 4) | (c >> 2);
    const stray = rest === 3 ? c & 3 : b & 15;
    if (stray !== 0) return undefined;
  }
  return seen >= NOT_IN_ALPHABET ? undefined : bytes;
}

function valueAt(text: string, index: number): number {
  return VALUES[text.charCodeAt(index)] ?? NOT_IN_ALPHABET;
}
