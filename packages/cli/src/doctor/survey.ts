import { randomUUID } from "node:crypto";
import { HTTP_FIELDS, isReason, type Reason } from "@attest/core";
import { type CorsProbe, probeCors } from "./cors-probe.ts";
import { HANDSHAKE_VERSION, type Probe, plainRequest, readProbe, statelessRequest } from "./probe.ts";
import { otherSpellings } from "./spellings.ts";
import { WireClient } from "./wire-client.ts";

/** What a stranger's request came to. */
export interface StrangerProbe {
  /** The method, for people. */
  readonly request: string;
  readonly probe: Probe;
}

/** What a GET or DELETE without credentials came to. */
export type BodilessProbe =
  | { readonly outcome: "failed"; readonly code: string }
  | {
      readonly outcome: "answered";
      readonly status: number;
      /** The reason in the HTTP field that every gate's refusal has. */
      readonly reason?: Reason;
      /** Whether the answer is a JSON-RPC error: an MCP transport's. */
      readonly isJsonRpc: boolean;
    };

/** What strangers meet at a server, without credentials and without calling a tool. */
export interface Survey {
  /** Requests that no guard lets through unverified, in the terms of both eras. */
  readonly strangers: readonly StrangerProbe[];
  /** With a session id that nobody was given. */
  readonly get: BodilessProbe;
  readonly delete: BodilessProbe;
  readonly cors: CorsProbe;
  /** The same requests to other spellings of the endpoint. */
  readonly spellings: readonly { readonly url: string; readonly strangers: readonly StrangerProbe[] }[];
}

export interface SurveyOptions {
  readonly timeoutMs: number;
  readonly accessToken?: string | undefined;
  /** The web pages' origin that CORS is asked for. Default: one that stands for any. */
  readonly origin?: string | undefined;
}

const UNKNOWN_METHOD = "doctor/unknown";

/** Asks as a stranger what a guard has to refuse. */
export async function survey(url: URL, options: SurveyOptions): Promise<Survey> {
  const client = new WireClient(url, options);
  const session = { "mcp-session-id": randomUUID(), "mcp-protocol-version": HANDSHAKE_VERSION };
  const [strangers, get, deleted, cors, spellings] = await Promise.all([
    askAsStranger(client, [UNKNOWN_METHOD, "tools/list"]),
    bodiless(client, "GET", session),
    bodiless(client, "DELETE", session),
    probeCors(client, options.origin),
    askSpellings(url, options),
  ]);
  return { strangers, get, delete: deleted, cors, spellings };
}

/** Asks at other spellings of an endpoint. The access token is not sent there: it is for one address. */
export function askSpellings(url: URL, { timeoutMs }: { readonly timeoutMs: number }): Promise<Survey["spellings"]> {
  const ask = async (other: URL) => ({
    url: other.href,
    strangers: await askAsStranger(new WireClient(other, { timeoutMs }), ["tools/list"]),
  });
  return Promise.all(otherSpellings(url).map(ask));
}

/** Sends a GET or DELETE without credentials. */
export async function bodiless(
  client: WireClient,
  method: "GET" | "DELETE",
  headers: Record<string, string>,
): Promise<BodilessProbe> {
  const exchange = await client.bodiless(method, headers);
  if (exchange.outcome === "failed") return exchange;
  const reason = exchange.headers.get(HTTP_FIELDS.error);
  return {
    outcome: "answered",
    status: exchange.status,
    ...(isReason(reason) && { reason }),
    isJsonRpc: exchange.message !== undefined,
  };
}

function askAsStranger(client: WireClient, methods: readonly string[]): Promise<StrangerProbe[]> {
  const requests = methods.flatMap((method) => [
    { request: method, ...plainRequest(method) },
    { request: `${method} of MCP 2026-07-28`, ...statelessRequest(method) },
  ]);
  return Promise.all(
    requests.map(async ({ request, message, headers }) => ({
      request,
      probe: readProbe(await client.request(message, headers)),
    })),
  );
}
