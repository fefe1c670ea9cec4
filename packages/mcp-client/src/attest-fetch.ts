import {
  HTTP_FIELDS,
  isAbsoluteUri,
  isReason,
  optionError,
  readAuthorization,
  refuseUnknownOptions,
  trustLevelOfStatus,
} from "@attest/core";
import type { AttestationState } from "./attestation-state.ts";
import type { AttestingAgent } from "./attesting-agent.ts";

/** `fetch`, as both SDKs' HTTP transports take it. */
export type FetchLike = (url: string | URL, init?: RequestInit) => Promise<Response>;

const COVERED_METHODS: ReadonlySet<string> = new Set(["POST", "GET", "DELETE"]);

/**
 * A `fetch` that attests every request to one MCP endpoint, with HTTP fields made anew for each attempt; for
 * `new StreamableHTTPClientTransport(url, { fetch: attestFetch({ … }) })`. The body is never changed.
 *
 * Requests elsewhere pass as they are: the SDKs use the same `fetch` for OAuth discovery, which must not learn the
 * credentials (M10). Redirects are not followed. A request refused as expired is sent once more, with the clock corrected.
 *
 * @param options.audience The server's resource identifier, as the server has it configured. @param options.endpoint The
 * URL of its MCP endpoint. @param options.fetch Default: the platform's.
 * @throws AttestationError `ERR_OPTION`; from the returned function, `ERR_SOURCE_UNAVAILABLE`, and whatever `fetch` throws.
 */
export function attestFetch(options: {
  agent: AttestingAgent;
  audience: string;
  endpoint: string | URL;
  fetch?: FetchLike;
}): FetchLike & { readonly attestation: AttestationState } {
  refuseUnknownOptions(options, ["agent", "audience", "endpoint", "fetch"], "attestFetch");
  const { agent, audience, fetch: send = (url, init) => fetch(url, init) } = options;
  if (typeof agent?.credentialsFor !== "function") throw optionError("agent", "must be an AttestingAgent");
  if (typeof send !== "function") throw optionError("fetch", "must be a function");
  if (!URL.canParse(String(options.endpoint))) throw optionError("endpoint", "must be an absolute URL");
  if (!isAbsoluteUri(audience)) throw optionError("audience", "must be an absolute URI");
  const endpoint = withoutFragment(options.endpoint);
  const attestation: AttestationState = { status: "pending" };

  const attempt = async (url: string | URL, init: RequestInit, method: string): Promise<Response> => {
    const headers = new Headers(init.headers);
    const sessionId = headers.get("mcp-session-id");
    const { accessToken, problem } = readAuthorization(headers.get("authorization"));
    if (problem !== undefined)
      throw optionError("Authorization", "must hold exactly one credential after Bearer or DPoP");
    const body = bytesOf(init.body);
    const credentials = await agent.credentialsFor(
      audience,
      { kind: "http", method, body },
      { ...(sessionId !== null && { sessionId }), ...(accessToken !== undefined && { accessToken }) },
    );
    headers.set(HTTP_FIELDS.attestation, credentials.attestation);
    headers.set(HTTP_FIELDS.proof, credentials.proof);
    const response = await send(url, { ...init, headers, redirect: "manual" });
    note(attestation, response);
    return response;
  };

  const attesting = async (url: string | URL, init: RequestInit = {}): Promise<Response> => {
    const method = (init.method ?? "GET").toUpperCase();
    if (withoutFragment(url) !== endpoint || !COVERED_METHODS.has(method)) return send(url, init);
    const response = await attempt(url, init, method);
    const { headers } = response;
    // What was verified was acted on, though its answer may hand on what somebody else was refused (M6).
    if (headers.get(HTTP_FIELDS.error) !== "attestation_expired" || headers.has(HTTP_FIELDS.status)) return response;
    const time = headers.get(HTTP_FIELDS.time) ?? "";
    agent.learnExpired(audience, /^\d{1,12}$/.test(time) ? Number(time) : undefined);
    await response.body?.cancel();
    return attempt(url, init, method);
  };
  return Object.assign(attesting, { attestation });
}

function note(state: AttestationState, { headers, status }: Response): void {
  if (isReason(headers.get(HTTP_FIELDS.error))) {
    state.status = "failed";
    delete state.trustLevel;
    return;
  }
  const trustLevel = trustLevelOfStatus(headers.get(HTTP_FIELDS.status));
  if (trustLevel) {
    state.status = "verified";
    state.trustLevel = trustLevel;
  } else if (state.status === "pending" && status !== 401) {
    // A 401 is OAuth's word, said before anything was verified.
    state.status = "unsupported";
  }
}

/** The bytes that will be sent, which the proof covers. */
function bytesOf(body: RequestInit["body"]): Uint8Array {
  if (body === undefined || body === null) return new Uint8Array();
  if (typeof body === "string") return new TextEncoder().encode(body);
  if (body instanceof Uint8Array) return body;
  throw optionError(
    "body",
    "must be a string or a Uint8Array: a proof covers bytes that are known before they are sent",
  );
}

function withoutFragment(url: string | URL): string {
  const parsed = new URL(url);
  parsed.hash = "";
  return parsed.href;
}
