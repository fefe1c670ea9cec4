import { Problem } from "../problem.ts";

/** Greatest request body, in bytes. */
const MAX_BODY = 16 * 1024;

/**
 * Reads a request's body, as far as it may be long (T17).
 *
 * @throws Problem `too_large`, without reading the rest; `invalid_request` where the body breaks off.
 */
export async function readBody(request: Request): Promise<Uint8Array> {
  const tooLarge = () => new Problem("too_large", `The body is larger than ${MAX_BODY} bytes`);
  if (Number(request.headers.get("Content-Length") ?? 0) > MAX_BODY) throw tooLarge();
  if (!request.body) return new Uint8Array();
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > MAX_BODY) throw tooLarge();
      chunks.push(value);
    }
  } catch (error) {
    reader.cancel().catch(() => {});
    if (error instanceof Problem) throw error;
    throw new Problem("invalid_request", "The body could not be read", { cause: error });
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}
