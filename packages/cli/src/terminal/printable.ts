// Control, format and private-use characters, line and paragraph separators, halves of surrogate pairs: what a terminal obeys
// instead of showing, or what a reader cannot see.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text from elsewhere on one line, in which nothing moves the cursor, changes colours or reverses the writing. */
export function printable(text: string): string {
  return text.replace(INVISIBLE, escapeCharacter);
}

/** A value as JSON that is safe to show in a terminal, and means the same to a machine. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(INVISIBLE, (character) =>
    character === "\n" ? character : escapeCharacter(character),
  );
}

function escapeCharacter(character: string): string {
  let escaped = "";
  for (let i = 0; i < character.length; i++) {
    escaped += `\\u${character.charCodeAt(i).toString(16).padStart(4, "0")}`;
  }
  return escaped;
}
