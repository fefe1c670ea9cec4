const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const BOM = "\ufeff";

/** A JSON text that holds an object or a list, and what it says. */
export interface ReadJson {
  readonly text: string;
  readonly value: object;
}

/** The JSON text that pieces hold; `undefined` if it is not one, or holds neither an object nor a list. */
export function readJson(pieces: readonly Uint8Array[]): ReadJson | undefined {
  try {
    const [only] = pieces;
    // Decoded whole: a decoder that keeps what was cut takes many times as long.
    const text = decoder.decode(only && pieces.length === 1 ? only : Buffer.concat(pieces));
    const value: unknown = JSON.parse(text.startsWith(BOM) ? text.slice(1) : text);
    return typeof value === "object" && value !== null ? { text, value } : undefined;
  } catch {
    return undefined;
  }
}
