const whole = new TextDecoder("utf-8", { ignoreBOM: true });

/** The UTF-8 text of bytes that came in pieces, wherever they were cut. */
export function textOf(pieces: readonly Uint8Array[]): string {
  const [only] = pieces;
  // A decoder that keeps what was cut takes many times as long.
  if (only && pieces.length === 1) return whole.decode(only);
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let text = "";
  for (const piece of pieces) text += decoder.decode(piece, { stream: true });
  return text + decoder.decode();
}
