import { metadataUrl } from "./metadata-url.ts";
import type { Upstream, UpstreamAnswer, UpstreamRequest } from "./upstream.ts";

/** A server over HTTP, by the platform's `fetch`. Redirects are not followed. */
export function fetchUpstream(url: URL): Upstream {
  const send = async (to: URL, { method, headers, body, call }: Omit<UpstreamRequest, "attestation">) => {
    const controller = new AbortController();
    call.onEnd(() => controller.abort());
    const { signal } = controller;
    const fields = { ...headers, "Accept-Encoding": "identity" };
    const sent = body === undefined ? {} : { body };
    const response = await fetch(to, { method, headers: fields, ...sent, redirect: "manual", signal });
    return answerOf(response);
  };
  return {
    send: (request) => send(url, request),
    metadata: (call) => send(metadataUrl(url), { method: "GET", headers: {}, body: undefined, call }),
    async close() {},
  };
}

function answerOf({ status, headers, body }: Response): UpstreamAnswer {
  return { status, headers: [...headers], body: body ?? nothing() };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
