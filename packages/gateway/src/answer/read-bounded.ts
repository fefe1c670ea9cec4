import { Pieces } from "@attest/mcp-server/gate";
import type { BodyLimits, UpstreamAnswer } from "../upstream/upstream.ts";
import { withIdleLimit } from "./with-idle-limit.ts";

/**
 * Reads the body of an answer to its end.
 *
 * @returns The pieces, or `undefined` if there is more than the limit. What the body throws comes through.
 */
export async function readBounded(
  { body, here }: UpstreamAnswer,
  { bytes, idleMs, tooLong }: BodyLimits,
): Promise<readonly Uint8Array[] | undefined> {
  const all = here?.();
  if (all) return lengthOf(all) > bytes ? undefined : all;
  const pieces = new Pieces();
  for await (const piece of withIdleLimit(body, idleMs, tooLong)) {
    pieces.push(piece);
    if (pieces.length > bytes) return undefined;
  }
  return pieces.take();
}

function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, { length }) => sum + length, 0);
}
