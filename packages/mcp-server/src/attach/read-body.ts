import { Pieces } from "./pieces.ts";

/** Bytes of a body that is too large which are still read, so that its sender gets to read the answer. */
const MAX_DRAIN = 16 * 1024 * 1024;

/**
 * Reads the body of a web-standard request. Of a body that is too large it reads on for a bounded while: a sender that is
 * still writing would find its connection reset and never see the answer.
 *
 * @param request The request, whose body nobody has read.
 * @param limit Bytes.
 * @returns `undefined` if the body is larger than that.
 */
export async function readBody({ body, headers }: Request, limit: number): Promise<Uint8Array | undefined> {
  if (body === null) return new Uint8Array();
  const pieces = new Pieces();
  const declared = Number(headers.get("content-length") ?? 0);
  let tooLarge = declared > limit;
  let length = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    tooLarge ||= length > limit;
    if (!tooLarge) pieces.push(value);
    else if (length > limit + MAX_DRAIN) {
      await reader.cancel().catch(() => {});
      break;
    }
  }
  return tooLarge ? undefined : concat(pieces.take(), length);
}

/** The bytes of all pieces, one after the other. */
export function concat(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = chunks;
  if (only && chunks.length === 1) return only;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
