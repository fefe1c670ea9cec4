import { createHash, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isJsonObject, optionError, refuseUnknownOptions } from "@attest/core";
import { type AttestingAgent, attestFetch, type FetchLike } from "@attest/mcp-client";
import { fieldOf, readNodeBody, refuseBody, tooLarge } from "@attest/mcp-server/gate";
import { hostAndPort, isLoopback, type Listener, listen } from "@attest/service";
import { answerFields } from "../wire/answer-fields.ts";
import { trouble, troubleOf } from "./trouble.ts";

/** A server that local clients use over HTTP through their companion. */
export interface ListenLocallyOptions {
  /** Whose attestations and proofs the companion sends. */
  readonly agent: AttestingAgent;
  /** The server's resource identifier, exactly as configured there. */
  readonly audience: string;
  /** Its MCP endpoint. */
  readonly url: string | URL;
  /** `HOST:PORT`, where the host is this machine's loopback. */
  readonly address: string;
  /** What clients show as `Authorization: Bearer`: 32 random bytes or more in base64url. */
  readonly token: string;
  /** Clients show the token in the path, `/<token>/mcp`, since they take only an address. Default false. */
  readonly tokenInPath?: boolean;
  /** What sends the requests. Default: the platform's `fetch`. */
  readonly fetch?: FetchLike;
}

const MAX_BODY = 4 * 1024 * 1024;
/** Fields that pass to the server. */
const PASSED = [
  "Accept",
  "Content-Type",
  "Last-Event-ID",
  "MCP-Protocol-Version",
  "Mcp-Method",
  "Mcp-Name",
  "Mcp-Session-Id",
  "traceparent",
  "tracestate",
  "baggage",
];

/**
 * A companion of MCP clients on this machine that speak HTTP. It lends the agent's identity to anyone who reaches it, so it listens on
 * loopback alone, demands a token, and refuses what a web page could send: a foreign `Host` or `Origin` (G5).
 *
 * @throws AttestationError `ERR_OPTION`; the system's error if it cannot listen.
 */
export async function listenLocally(options: ListenLocallyOptions): Promise<Listener> {
  const known = {
    agent: true,
    audience: true,
    url: true,
    address: true,
    token: true,
    tokenInPath: true,
    fetch: true,
  } as const;
  refuseUnknownOptions(options, known, "listenLocally");
  const { agent, audience, url, address, token, tokenInPath = false, fetch: send } = options;
  const place = hostAndPort(address);
  if (!isLoopback(place.host)) throw optionError("address", "must be this machine's loopback: it lends an identity");
  if (!/^[\w-]{43,128}$/.test(token)) throw optionError("token", "must be 32 random bytes or more in base64url");
  const endpoint = new URL(url);
  const attested = attestFetch({ agent, audience, endpoint, ...(send && { fetch: send }) });
  const path = tokenInPath ? `/${token}/mcp` : "/mcp";
  const handle = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const refusal = refusalOf(req, { path, token: tokenInPath ? undefined : token });
    if (refusal !== undefined) return refuse(res, refusal);
    const { method = "" } = req;
    if (!["POST", "GET", "DELETE"].includes(method)) return refuse(res, 405);
    const body = await readNodeBody(req, MAX_BODY);
    if (typeof body === "string") return refuseBody(req, res, tooLarge(MAX_BODY));
    const gone = new AbortController();
    res.once("close", () => gone.abort());
    const init = {
      method,
      headers: passedFields(req),
      signal: gone.signal,
      ...(method === "POST" && { body: body as Uint8Array<ArrayBuffer> }),
    };
    const response = await attested(endpoint, init as RequestInit).catch((error: unknown) => error);
    if (!(response instanceof Response)) return tell(res, body, response);
    const fields = answerFields(response.headers, { metadata: undefined, cors: false });
    const sessionId = response.headers.get("mcp-session-id");
    res.writeHead(response.status, { ...fields, ...(sessionId !== null && { "Mcp-Session-Id": sessionId }) });
    res.flushHeaders();
    for await (const piece of response.body ?? []) {
      if (!res.write(piece)) await once(res, "drain", { signal: gone.signal });
    }
    res.end();
  };
  return listen((req, res) => void handle(req, res).catch(() => res.destroy()), place);
}

/** Why a request is not this machine's own client's. */
function refusalOf(
  req: IncomingMessage,
  { path, token }: { path: string; token: string | undefined },
): number | undefined {
  const { host = "", origin, authorization = "" } = req.headers;
  if (!isLoopbackName(host)) return 403;
  if (origin !== undefined && !(URL.canParse(origin) && isLoopbackName(new URL(origin).host))) return 403;
  const [asked = ""] = (req.url ?? "").split("?", 1);
  if (!same(asked, path)) return 404;
  if (token !== undefined && !same(authorization, `Bearer ${token}`)) return 401;
  return undefined;
}

function isLoopbackName(host: string): boolean {
  return isLoopback(host.replace(/:\d+$/, "").replace(/^\[|\]$/g, ""));
}

/** Hashes have one length, and tell nothing by the time that comparing them takes. */
function same(a: string, b: string): boolean {
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(a), hash(b));
}

function passedFields(req: IncomingMessage): [string, string][] {
  const params = Object.keys(req.headers).filter((name) => name.startsWith("mcp-param-"));
  return [...PASSED, ...params].flatMap((name) => fieldOf(req, name).map((value): [string, string] => [name, value]));
}

function refuse(res: ServerResponse, status: number): void {
  const fields = status === 401 ? { "WWW-Authenticate": "Bearer" } : {};
  res.writeHead(status, { ...fields, Connection: "close" }).end();
}

/** Says under the id of the request what went wrong: with the authority, or with the server. */
function tell(res: ServerResponse, body: Uint8Array, error: unknown): void {
  const id = idIn(body);
  const answer = () => JSON.stringify(trouble(id as string, troubleOf(error)));
  if (id === undefined) refuse(res, 502);
  else res.writeHead(200, { "Content-Type": "application/json" }).end(answer());
}

function idIn(body: Uint8Array): string | number | undefined {
  try {
    const message: unknown = JSON.parse(Buffer.from(body).toString());
    const { id, method } = isJsonObject(message) ? message : {};
    return typeof method === "string" && (typeof id === "string" || typeof id === "number") ? id : undefined;
  } catch {
    return undefined;
  }
}
