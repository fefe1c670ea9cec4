import type { Clock } from "@attest/core";

/** Seconds for which an issuer is left alone after a fetch that failed. */
const BACK_OFF = 5;
/** Bytes of a key set. */
const MAX_BYTES = 256 * 1024;

/**
 * A `fetch` for the key set of the workloads' issuer, which strangers can cause with tokens of their own: it follows no
 * redirect, reads so many bytes at most, and after a failure it fails at once for a while.
 */
export function fetchIssuerKeys(clock: Clock, send: typeof fetch = fetch): typeof fetch {
  let failedAt = Number.NEGATIVE_INFINITY;
  return async (url, init) => {
    const now = clock();
    if (now >= failedAt && now < failedAt + BACK_OFF)
      throw new Error("The issuer's keys could not be fetched just now");
    try {
      const response = await send(url, { ...init, redirect: "error" });
      const body = await readAtMost(MAX_BYTES, response);
      if (response.status !== 200) throw new Error(`The issuer's keys were answered with status ${response.status}`);
      if (!Array.isArray(JSON.parse(body.toString()).keys)) throw new Error("The issuer's keys are not a key set");
      return new Response(body, { status: 200, headers: { "Content-Type": "application/json" } });
    } catch (error) {
      failedAt = now;
      throw error;
    }
  };
}

async function readAtMost(most: number, { body }: Response): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop cancels the stream.
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > most) throw new Error("The issuer's key set is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
