const SENTINEL = /^=\?base64\?([A-Za-z0-9+/]*={0,2})\?=$/;

/** A text as a field's value (MCP 2026-07-28): what is no visible ASCII, or could be read as encoded, is written in base64. */
export function encodedValue(text: string): string {
  const plain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !SENTINEL.test(text);
  return plain ? text : `=?base64?${Buffer.from(text).toString("base64")}?=`;
}

/** The text that a field's value stands for; `undefined` if it is encoded and stands for none. */
export function decodedValue(value: string): string | undefined {
  const [, base64] = SENTINEL.exec(value) ?? [];
  if (base64 === undefined) return value;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(base64, "base64"));
  } catch {
    return undefined;
  }
}
