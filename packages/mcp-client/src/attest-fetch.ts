import {
  type Advice,
  HTTP_FIELDS,
  isAbsoluteUri,
  isReason,
  optionError,
  type Reason,
  readTicketField,
  refuseUnknownOptions,
} from "@attest/core";
import { abortable } from "./abortable.ts";
import { Attempts } from "./attempts.ts";
import type { AttestationState } from "./attestation-state.ts";
import type { AttestingAgent } from "./attesting-agent.ts";
import { BodyTicketUse } from "./body-ticket-use.ts";
import { Endpoint, shown } from "./endpoint.ts";
import { looksLikeMcp } from "./looks-like-mcp.ts";
import { noteResponse } from "./note-response.ts";
import { type FetchInput, isRequest, methodOf, type OutgoingRequest, readRequest } from "./outgoing-request.ts";
import { responseWithoutOwnMeta } from "./response-without-own-meta.ts";
import { UnsentRequests } from "./unsent-requests.ts";

/** `fetch`, as both SDKs' HTTP transports take it. */
export type FetchLike = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** A `fetch` that attests, to be used wherever the platform's is. `attestation` says how the server took it. */
export type AttestingFetch = ((input: string | URL | Request, init?: RequestInit) => Promise<Response>) & {
  /** How the server took the agent's attestation. It changes with every answer. */
  readonly attestation: AttestationState;
};

/** How `attestFetch` attests. */
export interface AttestFetchOptions {
  /** The agent whose credentials go with each request. */
  readonly agent: AttestingAgent;
  /** The server's resource identifier, exactly as the server has it configured. */
  readonly audience: string;
  /** The URL of its MCP endpoint, as the transport has it. Credentials go to no other address. */
  readonly endpoint: string | URL;
  /** What sends the requests. One that retries belongs around `attestFetch`, not here. Default: the platform's `fetch`. */
  readonly fetch?: FetchLike;
}

const COVERED_METHODS: ReadonlySet<string> = new Set(["POST", "GET", "DELETE"]);

/**
 * A `fetch` that attests every request to one MCP endpoint, by HTTP fields that are made for each attempt. Give it to the
 * SDKs as `new StreamableHTTPClientTransport(url, { fetch: attestFetch({ … }) })`. A request's body is never changed.
 *
 * - Requests to other addresses pass as they are. The SDKs use the same `fetch` for OAuth discovery, which must not see
 *   the credentials (M10). An MCP request to another spelling of the endpoint, such as one with a slash at its end, is
 *   refused; one to another address of the same origin is reported in `attestation`.
 * - Redirects are not followed.
 * - A request refused as expired is sent once more, with the clock corrected. One that a ticket's MAC proved is sent once more with a
 *   signature if the server does not take the MAC. Nothing else is sent twice.
 * - A request whose `signal` is aborted, or whose session cancels it, while its attestation is awaited is not sent.
 * - This protocol's own `_meta` keys are removed from what the server answers.
 *
 * @throws AttestationError `ERR_OPTION`. The returned function rejects with `ERR_OPTION` for a body that is a stream or a
 * form, for an `Authorization` field that does not hold exactly one credential, and for another spelling of the endpoint;
 * with `ERR_SOURCE_UNAVAILABLE`; with the reason of an aborted signal; and with whatever `fetch` rejects with.
 * @example
 * ```ts
 * import { type AttestingAgent, attestFetch } from "@attest/mcp-client";
 * import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
 *
 * declare const agent: AttestingAgent;
 * const endpoint = new URL("https://bank.example/mcp");
 * const fetch = attestFetch({ agent, audience: "https://bank.example/mcp", endpoint });
 * const transport = new StreamableHTTPClientTransport(endpoint, { fetch });
 * ```
 */
export function attestFetch(options: AttestFetchOptions): AttestingFetch {
  const { agent, audience, endpoint, send } = configure(options);
  const attestation: AttestationState = { status: "pending" };
  const unsent = new UnsentRequests();

  const attested = async (request: OutgoingRequest): Promise<Response> => {
    const { url, method, init, bytes, context } = request;
    let { headers } = init;
    const attempts = new Attempts();
    const tickets = new BodyTicketUse(request, attempts);
    // One object for all attempts: which definition of a tool the agent decided on is asked once.
    const proved = { kind: "http", method, body: bytes } as const;
    for (;;) {
      const making = agent.credentialsFor(audience, proved, { tickets, ...context });
      const credentials = await unsent.credentialed(request, abortable(making, init.signal));
      if (!credentials) return accepted();
      headers.set(HTTP_FIELDS.attestation, credentials.attestation);
      headers.set(HTTP_FIELDS.proof, credentials.proof);
      const response = await send(url, { ...init, headers });
      noteResponse(attestation, response, bytes);
      const reason = refusalOf(response);
      const again = reason && agent.learn(audience, { reason, advice: adviceIn(response), credentials }, attempts);
      if (!reason) await agent.settle(audience, credentials, readTicketField(response.headers.get(HTTP_FIELDS.ticket)));
      if (!again) return responseWithoutOwnMeta(response);
      response.body?.cancel().catch(() => {});
      // Those of the attempt before belong to what sent it.
      headers = new Headers(headers);
    }
  };

  /** Sends a request to another address, without credentials. */
  const unattested = async (input: FetchInput, init: RequestInit | undefined): Promise<Response> => {
    const url = isRequest(input) ? input.url : input;
    if (!looksLikeMcp(input, init)) return send(input as string | URL, init);
    const requested = shown(url);
    if (endpoint.isMisspelt(url)) {
      const found = `is ${endpoint}, and an MCP request goes to ${requested}`;
      throw optionError(
        "endpoint",
        `${found}: configure one address, since credentials go to that of the endpoint only`,
      );
    }
    const response = await send(input as string | URL, init);
    if (endpoint.hasOriginOf(url) || refusalOf(response) === "attestation_required") {
      attestation.unattested = { endpoint: String(endpoint), requested };
      if (attestation.status === "pending") attestation.status = "unattested";
    }
    return response;
  };

  const attesting = async (input: FetchInput, init?: RequestInit): Promise<Response> => {
    if (!COVERED_METHODS.has(methodOf(input, init))) return send(input as string | URL, init);
    if (!endpoint.is(isRequest(input) ? input.url : input)) return unattested(input, init);
    const request = await readRequest(input, init);
    return unsent.withdraw(request) ? accepted() : attested(request);
  };
  return Object.assign(attesting, { attestation });
}

function configure(options: AttestFetchOptions) {
  refuseUnknownOptions(options, { agent: true, audience: true, endpoint: true, fetch: true }, "attestFetch");
  const { agent, audience, fetch: send = (url: string | URL, init?: RequestInit) => fetch(url, init) } = options;
  if (typeof agent?.credentialsFor !== "function") throw optionError("agent", "must be an AttestingAgent");
  if (typeof send !== "function") throw optionError("fetch", "must be a function");
  const endpoint = new Endpoint(options.endpoint);
  if (!isAbsoluteUri(audience))
    throw optionError(
      "audience",
      "must be an absolute URI, the same as the server's, such as https://bank.example/mcp",
    );
  return { agent, audience, endpoint, send };
}

/** The reason for which a guard refused a request; `undefined` if it did not, or if something acted on the request (M6). */
function refusalOf({ headers }: Response): Reason | undefined {
  const reason = headers.get(HTTP_FIELDS.error);
  return isReason(reason) && !headers.has(HTTP_FIELDS.status) ? reason : undefined;
}

function adviceIn({ headers }: Response): Advice {
  const time = headers.get(HTTP_FIELDS.time) ?? "";
  return /^\d{1,12}$/.test(time) ? { serverTime: Number(time) } : {};
}

/** What a client gets for a request that it cancelled before it was sent, and for the cancellation: no answer will come. */
function accepted(): Response {
  return new Response(null, { status: 202 });
}
