import type { AttestingFetch } from "@attest/mcp-client";

/** Fields that belong to one connection, or that are made again for the next. */
const HOP_BY_HOP = ["connection", "content-encoding", "content-length", "host", "transfer-encoding"];

/** Attests what comes, and passes on what is answered: for clients that know nothing of attestation. On loopback, in tests, alone. */
export function attestingProxy(endpoint: URL, attested: AttestingFetch): (request: Request) => Promise<Response> {
  return async (request) => {
    const body = new Uint8Array(await request.arrayBuffer());
    const answer = await attested(endpoint, {
      method: request.method,
      headers: passedOn(request.headers),
      signal: request.signal,
      ...(body.length > 0 && { body }),
    });
    return new Response(answer.body, { status: answer.status, headers: passedOn(answer.headers) });
  };
}

function passedOn(fields: Headers): Headers {
  const headers = new Headers(fields);
  for (const name of HOP_BY_HOP) headers.delete(name);
  return headers;
}
