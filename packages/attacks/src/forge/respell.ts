const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Other spellings of one token, which lax decoders read as the same bytes; some tokens have no such spelling. */
export const respellings: Readonly<Record<string, (token: string) => string | undefined>> = {
  "stray bits in the last character": (token) => {
    // 64 bytes take 86 characters, the last of which has four bits to spare.
    const last = ALPHABET.indexOf(token.at(-1) ?? "");
    return last < 0 ? undefined : `${token.slice(0, -1)}${ALPHABET[last ^ 1]}`;
  },
  "padding at the end": (token) => `${token}==`,
  "padding in the middle": (token) => inPart(token, 1, (part) => part.padEnd(Math.ceil(part.length / 4) * 4, "=")),
  "a space": (token) => inPart(token, 1, (part) => `${part.slice(0, 9)} ${part.slice(9)}`),
  "a newline": (token) => inPart(token, 1, (part) => `${part.slice(0, 9)}\n${part.slice(9)}`),
  "a tab": (token) => inPart(token, 2, (part) => `${part.slice(0, 9)}\t${part.slice(9)}`),
  "a space at the end": (token) => `${token} `,
  "the standard alphabet": (token) => inPart(token, 2, (part) => part.replaceAll("-", "+").replaceAll("_", "/")),
  "a dot at the end": (token) => `${token}.`,
};

function inPart(token: string, index: number, alter: (part: string) => string): string {
  return token
    .split(".")
    .map((part, i) => (i === index ? alter(part) : part))
    .join(".");
}
