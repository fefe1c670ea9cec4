import { optionError } from "@attest/core";
import { askForTicket } from "./ask-for-ticket.ts";
import type { AttackTarget } from "./attack-target.ts";
import { HonestAgent } from "./honest-agent.ts";
import { callOf, labOffers } from "./lab-options.ts";
import { assertLiveOptions, type LiveOptions } from "./live-options.ts";
import type { Era } from "./message.ts";
import type { Offer } from "./offer.ts";
import { offersOf } from "./offers-of.ts";
import { Pace } from "./pace.ts";
import { redact } from "./redact.ts";
import { StdioChannel, type StdioPeer } from "./stdio-channel.ts";
import { StdioWire } from "./stdio-wire.ts";

/** What is attacked: a server that is started as a child process. */
export interface StdioTargetOptions extends LiveOptions {
  /** The program. No shell reads it. */
  readonly command: string;
  /** Its arguments. Default: none. */
  readonly args?: readonly string[];
  /** The process's environment. Default: none of this one's but `PATH` and `HOME`. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where it is started. Default: this process's own directory. */
  readonly cwd?: string;
}

/** How long a message that need not be answered is waited for, in milliseconds. */
const SILENCE_MS = 300;

/**
 * A live server over stdio, of either era, started as often as attacks need an unused one. Only reads, and calls no tool
 * but the one it is given.
 *
 * @throws AttestationError `ERR_OPTION`.
 */
export function stdioTarget(options: StdioTargetOptions): AttackTarget {
  assertLiveOptions(options, { command: true, args: true, env: true, cwd: true });
  const { command, args = [], env = inherited(), cwd, audience, credentials, tool, lab } = options;
  const { era = "auto", rate = 20, timeoutMs = 10_000 } = options;
  if (typeof command !== "string" || command === "") throw optionError("command", "must be a program's name");
  const agent = new HonestAgent(audience, credentials);
  const pace = new Pace(rate);
  const wires = new Set<StdioWire>();
  let shared: StdioWire | undefined;

  const spawn = () => {
    for (const wire of wires) if (wire.hasEnded) wires.delete(wire);
    const wire = new StdioWire({ command, args, env, ...(cwd !== undefined && { cwd }) });
    wires.add(wire);
    return wire;
  };
  const peer = (era: Era, answersAtOnce: boolean): StdioPeer => ({
    agent,
    era,
    answersAtOnce,
    spawn,
    shared: () => {
      if (!shared || shared.hasEnded) shared = spawn();
      return shared;
    },
    exchange: async (wire, line, id, silent) => {
      await pace.turn();
      return wire.exchange(line, id, silent ? Math.min(SILENCE_MS, timeoutMs) : timeoutMs);
    },
  });
  let found: Promise<Found> | undefined;
  const survey = () => {
    found ??= findOut(peer, era);
    return found;
  };

  return {
    name: redact([command, ...args].join(" ")),
    audience,
    agent,
    ...(tool && { toolCall: callOf(tool) }),
    ...(lab && { lab }),
    offers: async () =>
      new Set<Offer>([
        ...offersOf(credentials),
        ...(tool ? (["tool"] as const) : []),
        // Another process is another connection: nothing that was used on the one can be used on the other.
        ...labOffers(lab ?? {}).filter((offer) => offer !== "restart"),
        "live",
        ...((await survey()).tickets ? (["tickets"] as const) : []),
        ...((await survey()).peer.era === "handshake" ? (["connection"] as const) : (["shared"] as const)),
      ]),
    open: async () => new StdioChannel((await survey()).peer),
    close: async () => {
      await Promise.all([...wires].map((wire) => wire.close()));
    },
  };
}

interface Found {
  readonly peer: StdioPeer;
  readonly tickets: boolean;
}

/** Which era the server is of, whether it answers before it was initialized, and whether it grants tickets. */
async function findOut(
  peer: (era: Era, answersAtOnce: boolean) => StdioPeer,
  wanted: LiveOptions["era"],
): Promise<Found> {
  const era = wanted === "auto" || wanted === undefined ? await discover(peer("stateless", true)) : wanted;
  const first = await askForTicket(new StdioChannel(peer(era, true)), peer(era, true).agent);
  if (era === "stateless" || first.answer.outcome === "served") {
    return { peer: peer(era, true), tickets: first.ticket !== undefined };
  }
  const own = new StdioChannel(peer(era, false));
  const { ticket } = await askForTicket(own, peer(era, false).agent);
  await own.close();
  return { peer: peer(era, false), tickets: ticket !== undefined };
}

/** `server/discover` is open to everybody, and known to servers of the stateless era only. */
async function discover(peer: StdioPeer): Promise<Era> {
  const channel = new StdioChannel(peer);
  const answer = await channel.prepare({ kind: "request", method: "server/discover", params: {} }).present({});
  return answer.outcome === "served" ? "stateless" : "handshake";
}

function inherited(): Record<string, string> {
  const { PATH, HOME } = process.env;
  return { ...(PATH !== undefined && { PATH }), ...(HOME !== undefined && { HOME }) };
}
