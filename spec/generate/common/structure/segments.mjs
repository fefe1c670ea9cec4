// Three segments in the one canonical spelling of base64url, of no more than a certain size.
import { insert } from "../changes.mjs";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const edit = (index, alter) => (token) => {
  const segments = token.split(".");
  segments[index] = alter(segments[index]);
  return segments.join(".");
};

/** The same bytes spelt with stray bits behind the last one; only where the length leaves room for them. */
function strayBits(segment) {
  if (segment.length % 4 === 0) return undefined;
  return segment.slice(0, -1) + ALPHABET[ALPHABET.indexOf(segment.at(-1)) + 1];
}

/** Adds white space to a JSON text until its base64url ends in a character with unused bits. */
const padded = (text) => {
  let result = text;
  while (Buffer.byteLength(result) % 3 === 0) result = `${result} `;
  return result;
};

export function addCases(add, { limit }) {
  for (const [i, [name, part]] of [["header", "headerText"], ["payload", "payloadText"], ["signature"]].entries()) {
    add(`the ${name} padded with \`=\``, ["T16"], "ENCODING", {
      ...(part && { [part]: padded }),
      token: edit(i, (s) => `${s}${"=".repeat((4 - (s.length % 4)) % 4)}`),
    });
    add(`stray bits behind the last byte of the ${name}`, ["T16"], "ENCODING", {
      ...(part && { [part]: padded }),
      token: edit(i, strayBits),
    });
    for (const [what, char] of [
      ["a space", " "],
      ["a newline", "\n"],
      ["a tab", "\t"],
      ["a NUL", "\u0000"],
      ["a `+`", "+"],
      ["a `/`", "/"],
      ["a non-ASCII letter", "é"],
      ["a percent sign", "%"],
    ]) {
      add(`${what} inside the ${name}`, ["T16"], "ENCODING", {
        token: edit(i, (s) => `${s.slice(0, 8)}${char}${s.slice(8)}`),
      });
    }
  }
  add("a space before it", ["T16"], "ENCODING", { token: (t) => ` ${t}` });
  add("a newline behind it", ["T16"], "ENCODING", { token: (t) => `${t}\n` });
  add("an authentication scheme before it", ["T16"], "ENCODING", { token: (t) => `Bearer ${t}` });
  add("a byte-order mark before it", ["T16"], "ENCODING", { token: (t) => `\ufeff${t}` });
  add("a segment of impossible length", ["T16"], "ENCODING", {
    token: edit(1, (s) => s.slice(0, s.length - (s.length % 4) - 3)),
  });
  add("quotes around it", ["T16"], "ENCODING", { token: (t) => `"${t}"` });

  add("no dot", ["T17"], "FORMAT", { token: (t) => t.replaceAll(".", "") });
  add("one dot", ["T17"], "FORMAT", { token: (t) => t.split(".").slice(0, 2).join(".") });
  add("a fourth segment", ["T17"], "FORMAT", { token: (t) => `${t}.e30` });
  add("a dot at the end", ["T17"], "FORMAT", { token: (t) => `${t}.` });
  add("five segments, as encryption has them", ["T9", "T17"], "FORMAT", { token: (t) => `${t}.e30.e30` });
  add("a thousand dots", ["T17"], "FORMAT", { token: () => ".".repeat(1000) });
  add("dots alone", ["T17"], "JSON", { token: (t) => `..${t.split(".")[2]}` });
  add("more characters than allowed", ["T17"], "SIZE", { payloadText: insert(`"x":"${"a".repeat(limit)}"`) });
  add("one character more than allowed, unread", ["T17"], "SIZE", { token: (t) => t.padEnd(limit + 1, "A") });
  add("dots beyond the size", ["T17"], "SIZE", { token: () => ".".repeat(limit + 1) });
  add("no text", ["T17"], "FORMAT", { token: () => "" });
  for (const [what, wrong] of [
    ["a number", 1],
    ["true", true],
    ["false", false],
    ["null", null],
    ["a list", []],
    ["an object", {}],
  ]) {
    add(`${what} in its place`, ["T12"], "FORMAT", { token: () => wrong });
  }
  add("its parts as a JSON serialization", ["T9"], "FORMAT", {
    token: (t) => JSON.stringify({ protected: t.split(".")[0], payload: t.split(".")[1], signature: t.split(".")[2] }),
  });
  add("no signature", ["T1", "T3"], "FORMAT", { signature: () => Buffer.alloc(0) });
  add("a signature of 63 bytes", ["K1"], "FORMAT", { signature: (s) => s.subarray(0, 63) });
  add("a signature of 65 bytes", ["K1"], "FORMAT", { signature: (s) => Buffer.concat([s, Buffer.alloc(1)]) });
}
