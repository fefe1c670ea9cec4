import type { Readable } from "node:stream";
import { Pieces } from "@attest/mcp-server/gate";
import type { BodyLimits } from "./upstream.ts";

/**
 * Reads a body of `node:http` to its end, by its events: a loop over it costs several times as much.
 *
 * @returns The pieces; `undefined` if there are more bytes than allowed. Rejects if it breaks off.
 */
export function readPieces(
  body: Readable,
  { bytes, idleMs, tooLong }: BodyLimits,
): Promise<readonly Uint8Array[] | undefined> {
  return new Promise((resolve, reject) => {
    const pieces = new Pieces();
    const timer = setTimeout(tooLong, idleMs);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      body.off("data", take);
      act();
    };
    const take = (piece: Uint8Array) => {
      pieces.push(piece);
      if (pieces.length > bytes) {
        body.pause();
        return settle(() => resolve(undefined));
      }
      timer.refresh();
    };
    body.on("data", take);
    body.on("end", () => settle(() => resolve(pieces.take())));
    body.on("error", (error) => settle(() => reject(error)));
    // Its end closes it too, and an error that nobody sees would cost more than the body.
    body.on("close", () => body.readableEnded || settle(() => reject(new Error("The answer broke off"))));
  });
}
