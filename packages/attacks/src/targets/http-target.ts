import { optionError } from "@attest/core";
import { askForTicket } from "./ask-for-ticket.ts";
import type { AttackTarget } from "./attack-target.ts";
import { PROTOCOL_VERSION } from "./envelope.ts";
import { HonestAgent } from "./honest-agent.ts";
import { HttpChannel, type HttpPeer } from "./http-channel.ts";
import { exchangeHttp } from "./http-wire.ts";
import { callOf, labOffers } from "./lab-options.ts";
import { assertLiveOptions, type LiveOptions } from "./live-options.ts";
import type { Era } from "./message.ts";
import type { Offer } from "./offer.ts";
import { offersOf } from "./offers-of.ts";
import { Pace } from "./pace.ts";

/** What is attacked: a live server over Streamable HTTP. */
export interface HttpTargetOptions extends LiveOptions {
  /** Its MCP endpoint. Attack servers that are yours. */
  readonly url: string | URL;
  /** Further HTTP fields for every request. `Authorization` is no place here: see `accessToken`. */
  readonly fields?: Readonly<Record<string, string>>;
  /** An access token that the server demands in addition to the attestation, sent as `Authorization: Bearer`. */
  readonly accessToken?: string;
}

/**
 * A live server over Streamable HTTP, of either era. Only reads: it opens sessions and closes them, and calls no tool but
 * the one it is given.
 *
 * @throws AttestationError `ERR_OPTION`.
 */
export function httpTarget(options: HttpTargetOptions): AttackTarget {
  assertLiveOptions(options, { url: true, fields: true, accessToken: true });
  const { audience, credentials, tool, lab, era = "auto", rate = 20, timeoutMs = 10_000, fields = {} } = options;
  const url = URL.canParse(String(options.url)) ? new URL(options.url) : undefined;
  if (url?.protocol !== "https:" && url?.protocol !== "http:") throw optionError("url", "must be an http or https URL");
  if (Object.keys(fields).some((name) => name.toLowerCase() === "authorization")) {
    throw optionError("fields", "must not hold Authorization: a proof covers it, see accessToken");
  }
  const { accessToken } = options;
  if (accessToken !== undefined && !/^[\x21-\x7e]+$/.test(accessToken)) {
    throw optionError("accessToken", "must be visible ASCII without spaces");
  }
  const agent = new HonestAgent(audience, credentials);
  const pace = new Pace(rate);

  const peer: HttpPeer = {
    agent,
    fields,
    accessToken,
    exchange: async (request, isComplete) => {
      await pace.turn();
      return exchangeHttp(url, request, timeoutMs, isComplete);
    },
  };
  let found: Promise<Found> | undefined;
  const survey = () => {
    found ??= findOut(peer, era);
    return found;
  };

  return {
    name: `${url.origin}${url.pathname}`,
    audience,
    agent,
    ...(tool && { toolCall: callOf(tool) }),
    ...(lab && { lab }),
    offers: async () => {
      const { era: actual, sessions, tickets } = await survey();
      return new Set<Offer>([
        ...offersOf(credentials),
        ...(tool ? (["tool"] as const) : []),
        ...labOffers(lab ?? {}),
        ...(tickets ? (["tickets"] as const) : []),
        "live",
        "http",
        ...(actual === "handshake" && sessions ? (["sessions", "connection"] as const) : []),
      ]);
    },
    open: async () => new HttpChannel(peer, (await survey()).era),
    close: async () => {},
  };
}

interface Found {
  readonly era: Era;
  readonly sessions: boolean;
  readonly tickets: boolean;
}

/** Which era the server is of, whether it keeps sessions, and whether it grants tickets. */
async function findOut(peer: HttpPeer, wanted: LiveOptions["era"]): Promise<Found> {
  const isStateless = wanted === "stateless" || (wanted === "auto" && (await answersDiscover(peer)));
  const era = isStateless ? "stateless" : "handshake";
  const channel = new HttpChannel(peer, era);
  if (!isStateless) await channel.initialize();
  const sessions = channel.sessionId !== undefined;
  const { ticket } = await askForTicket(channel, peer.agent);
  await channel.close();
  return { era, sessions, tickets: ticket !== undefined };
}

/** `server/discover` is open to everybody, and known to servers of the stateless era only. */
async function answersDiscover(peer: HttpPeer): Promise<boolean> {
  const channel = new HttpChannel(peer, "stateless");
  const answer = await channel.prepare({ kind: "request", method: "server/discover", params: {} }).present({});
  const versions = (answer.message?.["result"] as { supportedVersions?: unknown } | undefined)?.supportedVersions;
  return Array.isArray(versions) ? versions.includes(PROTOCOL_VERSION.stateless) : answer.outcome === "served";
}
