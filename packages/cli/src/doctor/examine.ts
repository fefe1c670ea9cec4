import { randomUUID } from "node:crypto";
import { type ClockDifference, clockDifference } from "./clock-difference.ts";
import { type Credentials, capabilityFor, fieldsFor } from "./credentials.ts";
import { discoverRequest, HANDSHAKE_VERSION, initializeRequest, type Probe, readProbe } from "./probe.ts";
import { type Exchange, WireClient } from "./wire-client.ts";

/** What was found out about a server by asking it. */
export interface Examination {
  readonly url: string;
  /** `initialize` without credentials. */
  readonly initialize: Probe;
  /** `server/discover` without credentials. */
  readonly discover: Probe;
  /** `initialize` with credentials, where there are some. */
  readonly attested?: Probe;
  readonly clock?: ClockDifference;
}

/** Asks a server, as a client would, what it makes of a client without and with credentials. Calls no tool; ends what it opens. */
export async function examine(
  url: URL,
  options: { timeoutMs: number; accessToken?: string | undefined; credentials?: Credentials | undefined },
): Promise<Examination> {
  const { credentials, accessToken } = options;
  const client = new WireClient(url, options);
  const first = await initialize(client, undefined, accessToken);
  // A server that cannot be reached is not asked again.
  if (first.outcome === "failed") return { url: url.href, initialize: readProbe(first), discover: readProbe(first) };
  const second = await discover(client);
  const third = credentials && (await initialize(client, credentials, accessToken));
  const clock = [third, first, second].map((exchange) => exchange && clockDifference(exchange)).find((found) => found);
  return {
    url: url.href,
    initialize: readProbe(first),
    discover: readProbe(second),
    ...(third && { attested: readProbe(third) }),
    ...(clock && { clock }),
  };
}

async function initialize(
  client: WireClient,
  credentials: Credentials | undefined,
  accessToken: string | undefined,
): Promise<Exchange> {
  const id = randomUUID();
  const body = encode(initializeRequest(id, capabilityFor(credentials)));
  const fields = await fieldsFor(credentials, { kind: "http", method: "POST", body }, { accessToken });
  const exchange = await client.post(body, id, fields);
  const sessionId = exchange.outcome === "answered" ? exchange.headers.get("mcp-session-id") : null;
  if (sessionId !== null) {
    const bound = { accessToken, sessionId };
    await client.delete({
      "mcp-session-id": sessionId,
      "mcp-protocol-version": HANDSHAKE_VERSION,
      ...(await fieldsFor(credentials, { kind: "http", method: "DELETE" }, bound)),
    });
  }
  return exchange;
}

function discover(client: WireClient): Promise<Exchange> {
  const id = randomUUID();
  const { message, headers } = discoverRequest(id);
  return client.post(encode(message), id, headers);
}

function encode(message: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message));
}
