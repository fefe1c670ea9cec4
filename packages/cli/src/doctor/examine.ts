import { randomUUID } from "node:crypto";
import { HTTP_FIELDS, readTicketField, TicketAsk } from "@attest/core";
import { type ClockDifference, clockDifference } from "./clock-difference.ts";
import { type ClientCredentials, capabilityFor, delegateTo, fieldsFor } from "./credentials.ts";
import { accepted, HANDSHAKE_VERSION, initializeRequest, type Probe, readProbe, statelessRequest } from "./probe.ts";
import { askSpellings, type BodilessProbe, bodiless, type Survey, type SurveyOptions, survey } from "./survey.ts";
import { encode, type HttpOutcome, WireClient } from "./wire-client.ts";

/** What was found out about a server by asking it. */
export interface Examination {
  readonly url: string;
  /** `initialize` without credentials. */
  readonly initialize: Probe;
  /** `server/discover` without credentials. */
  readonly discover: Probe;
  /** `initialize` with credentials, where there are some. */
  readonly attested?: Probe;
  /** GET and DELETE without credentials in the session that was opened with them, where one was. */
  readonly ownSession?: OwnSession;
  /** What strangers meet, where the server knows attestations. */
  readonly survey?: Survey;
  /** What answers at other spellings of the address, where no MCP server answers at this one. */
  readonly spellings?: Survey["spellings"];
  readonly clock?: ClockDifference;
  /** Seconds for which the server granted a ticket (SPEC §19); `false` if it granted none to credentials that it verified. */
  readonly tickets?: number | false;
  /**
   * Whether the server takes a chain of delegations from credentials that it verified (SPEC §21). Absent where that was not
   * tried, such as for an attestation that nobody may delegate, and where the answer says something else.
   */
  readonly chains?: boolean;
}

type OwnSession = { readonly get: BodilessProbe; readonly delete: BodilessProbe };

interface ExamineOptions extends SurveyOptions {
  readonly credentials?: ClientCredentials | undefined;
}

/** Asks a server, as a client would, what it makes of a client without and with credentials. Calls no tool; ends what it opens. */
export async function examine(url: URL, options: ExamineOptions): Promise<Examination> {
  const { credentials, accessToken } = options;
  const client = new WireClient(url, options);
  const { exchange: first } = await initialize(client, undefined, accessToken);
  // A server that cannot be reached is not asked again.
  if (first.outcome === "failed") return { url: url.href, initialize: readProbe(first), discover: readProbe(first) };
  const { message, headers } = statelessRequest("server/discover");
  const second = await client.request(message, headers);
  const third = credentials && (await initialize(client, credentials, accessToken));
  const clock = [third?.exchange, first, second]
    .map((exchange) => exchange && clockDifference(exchange))
    .find((found) => found);
  const probes = { initialize: readProbe(first), discover: readProbe(second) };
  return {
    url: url.href,
    ...probes,
    ...(third && { attested: readProbe(third.exchange) }),
    ...(third?.ownSession && { ownSession: third.ownSession }),
    ...(await surroundings(url, options, Object.values(probes))),
    ...(clock && { clock }),
    ...(third && ticketsOf(third.exchange, credentials)),
    ...(third && (await chainsOf(client, third.exchange, options))),
  };
}

/** Whether a server takes a chain: the one that it verified, or one with a link to a key made for this, which allows nothing. */
async function chainsOf(
  client: WireClient,
  exchange: HttpOutcome,
  { credentials, accessToken }: ExamineOptions,
): Promise<Pick<Examination, "chains">> {
  if (credentials?.profile !== "bound" || !accepted(readProbe(exchange))) return {};
  if (credentials.attestation.includes("~")) return { chains: true };
  const delegated = await delegateTo(credentials);
  if (!delegated) return {};
  const probe = readProbe((await initialize(client, delegated, accessToken)).exchange);
  if (accepted(probe)) return { chains: true };
  return probe.outcome === "error" && probe.reason === "attestation_invalid" ? { chains: false } : {};
}

/** Whether a server granted the ticket that the proof of `initialize` asked for. */
function ticketsOf(exchange: HttpOutcome, credentials: ClientCredentials | undefined): Pick<Examination, "tickets"> {
  const asked = credentials?.profile === "bound" && exchange.outcome === "answered" && accepted(readProbe(exchange));
  if (!asked) return {};
  return { tickets: readTicketField(exchange.headers.get(HTTP_FIELDS.ticket))?.expires_in ?? false };
}

/** What only a server that knows attestations is asked; or, where there is no MCP server, whether one is close by. */
async function surroundings(
  url: URL,
  options: ExamineOptions,
  probes: readonly Probe[],
): Promise<Pick<Examination, "survey" | "spellings">> {
  const knows = probes.some((probe) => "advertised" in probe || ("reason" in probe && probe.reason !== undefined));
  if (knows) return { survey: await survey(url, options) };
  const isNotThere = probes.some((probe) => probe.outcome === "http" && probe.status === 404);
  return isNotThere ? { spellings: await askSpellings(url, options) } : {};
}

async function initialize(
  client: WireClient,
  credentials: ClientCredentials | undefined,
  accessToken: string | undefined,
): Promise<{ exchange: HttpOutcome; ownSession?: OwnSession }> {
  const id = randomUUID();
  const body = encode(initializeRequest(id, capabilityFor(credentials)));
  const { epk: ticketKey } = await TicketAsk.begin();
  const fields = await fieldsFor(credentials, { kind: "http", method: "POST", body }, { accessToken, ticketKey });
  const exchange = await client.post(body, id, fields);
  const sessionId = exchange.outcome === "answered" ? exchange.headers.get("mcp-session-id") : null;
  if (sessionId === null) return { exchange };
  const session = { "mcp-session-id": sessionId, "mcp-protocol-version": HANDSHAKE_VERSION };
  // A bearer session belongs to anyone who knows its id.
  const isOwned = credentials?.profile === "bound" && accepted(readProbe(exchange));
  const ownSession = isOwned
    ? { get: await bodiless(client, "GET", session), delete: await bodiless(client, "DELETE", session) }
    : undefined;
  const bound = { accessToken, sessionId };
  await client.bodiless("DELETE", {
    ...session,
    ...(await fieldsFor(credentials, { kind: "http", method: "DELETE" }, bound)),
  });
  return { exchange, ...(ownSession && { ownSession }) };
}
