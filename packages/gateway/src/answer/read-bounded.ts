import type { BodyLimits, UpstreamAnswer } from "../upstream/upstream.ts";
import { withIdleLimit } from "./with-idle-limit.ts";

/**
 * Reads the body of an answer to its end.
 *
 * @returns The pieces, or `undefined` if there is more than the limit. What the body throws comes through.
 */
export async function readBounded(
  { body, read }: UpstreamAnswer,
  limits: BodyLimits,
): Promise<readonly Uint8Array[] | undefined> {
  if (read) return read(limits);
  const { bytes, idleMs, tooLong } = limits;
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of withIdleLimit(body, idleMs, tooLong)) {
    length += piece.length;
    if (length > bytes) return undefined;
    pieces.push(piece);
  }
  return pieces;
}
