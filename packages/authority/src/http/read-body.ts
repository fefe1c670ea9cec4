import { readAtMost } from "@attest/core";
import { Problem } from "../problem.ts";

/** Greatest request body, in bytes. */
const MAX_BODY = 16 * 1024;

/**
 * Reads a request's body, as far as it may be long (T17).
 *
 * @throws Problem `too_large`, without reading the rest; `invalid_request` where the body breaks off.
 */
export async function readBody(request: Request): Promise<Uint8Array> {
  const declared = Number(request.headers.get("Content-Length") ?? 0);
  const body = declared > MAX_BODY ? undefined : await readAtMost(request.body, MAX_BODY).catch(brokenOff);
  if (!body) throw new Problem("too_large", `The body is larger than ${MAX_BODY} bytes`);
  return body;
}

function brokenOff(cause: unknown): never {
  throw new Problem("invalid_request", "The body could not be read", { cause });
}
