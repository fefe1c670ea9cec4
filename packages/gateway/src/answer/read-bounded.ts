import { Pieces } from "@attest/mcp-server/gate";

/**
 * Reads a body to its end.
 *
 * @param limit Bytes. @returns The pieces, or `undefined` if there are more. What the body throws comes through.
 */
export async function readBounded(
  body: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<readonly Uint8Array[] | undefined> {
  const pieces = new Pieces();
  for await (const piece of body) {
    pieces.push(piece);
    if (pieces.length > limit) return undefined;
  }
  return pieces.take();
}

/** Whether pieces are JSON text. */
export function isJson(pieces: readonly Uint8Array[]): boolean {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    let text = "";
    for (const piece of pieces) text += decoder.decode(piece, { stream: true });
    const value: unknown = JSON.parse(text + decoder.decode());
    return typeof value === "object" && value !== null;
  } catch {
    return false;
  }
}
