/**
 * Whether a vector is one that a selector names. A selector is the name of a file, alone or with one of two further conditions:
 * `times:T19`, a requirement that the vector names, or a code that it expects, without `ERR_`; `digests~meta`, a part of its id.
 */
export function isSelected(selector, file, vector) {
  const [, name, sign, word] = /^([a-z]+)(?:([:~])(.+))?$/.exec(selector) ?? [];
  if (name !== file) return false;
  if (sign === "~") return vector.id.includes(word);
  return sign === undefined || vector.requirements.includes(word) || codesOf(vector).includes(`ERR_${word}`);
}

/** The codes that a vector expects. */
function codesOf({ presentations = [], expected }) {
  return [...presentations.map((presentation) => presentation.expected.code), expected?.code];
}
