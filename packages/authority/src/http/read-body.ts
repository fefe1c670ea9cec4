import { readAtMost } from "@attest/core";
import { Problem } from "../problem.ts";

/** Greatest request body, in bytes. */
export const MAX_BODY = 16 * 1024;

/**
 * Reads a request's body, as far as it may be long (T17).
 *
 * @throws Problem `too_large`, without reading the rest; `invalid_request` where the body breaks off.
 */
export async function readBody(request: Request): Promise<Uint8Array> {
  const declared = Number(request.headers.get("Content-Length") ?? 0);
  const reading = declared > MAX_BODY ? undefined : readAtMost(request.body, MAX_BODY);
  const body = await reading?.catch((error: unknown) => {
    throw brokenOff(error);
  });
  if (!body) throw tooLarge();
  return body;
}

/** What a body is refused with that is longer than `MAX_BODY`. */
export function tooLarge(): Problem {
  return new Problem("too_large", `The body is larger than ${MAX_BODY} bytes`);
}

/** What a request is refused with whose body breaks off. */
export function brokenOff(cause: unknown): Problem {
  return new Problem("invalid_request", "The body could not be read", { cause });
}
