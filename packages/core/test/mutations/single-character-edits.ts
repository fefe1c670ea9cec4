/** The base64url alphabet, and what a careless reader might skip or fold: the dot, padding, plain base64, white space, NUL, a letter beyond ASCII. */
const ALPHABET = [
  ..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
  ".",
  "=",
  "+",
  "/",
  " ",
  "\n",
  "\0",
  "é",
];

/**
 * Every text that differs from the given one by one character: replaced by each of the alphabet, deleted, or inserted.
 * Each once: where two edits come to the same text, the later is left out.
 */
export function* singleCharacterEdits(text: string): Generator<string> {
  for (let i = 0; i <= text.length; i++) {
    const [before, at, after] = [text.slice(0, i), text.charAt(i), text.slice(i + 1)];
    for (const char of ALPHABET) {
      if (char === at) continue;
      if (at !== "") yield before + char + after;
      yield before + char + at + after;
    }
    if (at !== "" && at !== text.charAt(i + 1)) yield before + after;
  }
}
