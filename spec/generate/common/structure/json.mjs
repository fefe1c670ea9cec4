// JSON as a strict reader takes it, of the header and the claims.
import { insert } from "../changes.mjs";

/** Puts a member before all others whose value is a string of these bytes. */
const bytes = (hex) => (text) =>
  Buffer.from(Buffer.from(text).toString("hex").replace("7b", `7b2278223a22${hex}222c`), "hex");
const nested = (depth) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

export function addCases(add) {
  for (const [part, name] of [
    ["headerText", "header"],
    ["payloadText", "claims"],
  ]) {
    for (const [title, change] of [
      [`an array for the ${name}`, (t) => `[${t}]`],
      [`a string for the ${name}`, (t) => JSON.stringify(t)],
      [`null for the ${name}`, () => "null"],
      [`a number for the ${name}`, () => "1"],
      [`true for the ${name}`, () => "true"],
      [`nothing for the ${name}`, () => ""],
      [`a byte-order mark before the ${name}`, (t) => `\ufeff${t}`],
      [`text behind the ${name}`, (t) => `${t}x`],
      [`two objects for the ${name}`, (t) => `${t}${t}`],
      [`a comma at the end of the ${name}`, (t) => t.replace(/}$/, ",}")],
      [`the ${name} cut off`, (t) => t.slice(0, -1)],
      [`the ${name} in UTF-16`, (t) => Buffer.from(t, "utf16le")],
    ]) {
      add(title, ["T12"], "JSON", { [part]: change });
    }
    for (const [what, hex] of [
      ["an overlong slash", "c0af"],
      ["an overlong NUL", "e08080"],
      ["a lone continuation byte", "80"],
      ["a sequence that breaks off", "e282"],
      ["a surrogate as UTF-8", "eda080"],
      ["a surrogate pair as UTF-8", "eda080edb080"],
      ["a code point beyond Unicode", "f4908080"],
      ["the byte 0xff", "ff"],
    ]) {
      add(`${what} in the ${name}`, ["T12"], "JSON", { [part]: bytes(hex) });
    }
    add(`half a surrogate pair in the ${name}`, ["T13"], "JSON", { [part]: insert('"x":"\\ud800"') });
    add(`the second half of a surrogate pair in the ${name}`, ["T13"], "JSON", { [part]: insert('"x":"a\\udc00"') });
    add(`a surrogate pair the wrong way round in the ${name}`, ["T13"], "JSON", {
      [part]: insert('"x":"\\udc00\\ud800"'),
    });
    add(`half a surrogate pair in a name of the ${name}`, ["T13"], "JSON", { [part]: insert('"\\ud800":1') });
    add(`17 levels in the ${name}`, ["T17"], "JSON", { [part]: insert(`"x":${nested(16)}`) });
    add(`200 levels in the ${name}`, ["T17"], "JSON", { [part]: insert(`"x":${nested(200)}`) });
  }
  for (const [what, json] of [
    ["a comment", '/**/"x":1'],
    ["single quotes", "'x':1"],
    ["a name without quotes", "x:1"],
    ["NaN", '"x":NaN'],
    ["Infinity", '"x":Infinity'],
    ["a number with a leading zero", '"x":01'],
    ["a number with a plus sign", '"x":+1'],
    ["a number that begins with a dot", '"x":.5'],
    ["a number that ends with a dot", '"x":1.'],
    ["a hexadecimal number", '"x":0x1'],
    ["undefined", '"x":undefined'],
    ["a raw newline in a string", '"x":"\n"'],
    ["a raw NUL in a string", '"x":"\u0000"'],
    ["an unknown escape", '"x":"\\x41"'],
    ["an escape that breaks off", '"x":"\\u00"'],
    ["a comma too many", '"x":1,'],
    ["a no-break space between members", '\u00a0"x":1'],
  ]) {
    add(`${what} in the claims`, ["T12"], "JSON", { payloadText: insert(json) });
  }
}
