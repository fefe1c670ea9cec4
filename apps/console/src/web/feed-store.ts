import type { AttestationErrorCode, Reason, TrustLevel } from "@attest/core";
import type { AgentProfile, FeedEntry } from "../shared/feed.ts";
import { reasonInWords, shortSubject } from "./words.ts";

/** Lines kept on the page. */
const MAX_LINES = 150;
/** Measurements kept for the plot. */
const MAX_TIMINGS = 600;

/** An agent as its card shows it. */
export interface AgentState extends AgentProfile {
  readonly state: "connecting" | "verified" | "refused" | "away";
  readonly trustLevel?: TrustLevel;
  readonly reason?: Reason;
  readonly served: number;
  readonly refused: number;
  readonly last?: { readonly tool: string; readonly outcome: string; readonly at: number };
}

/** One line of the activity list. */
export interface Line {
  readonly id: number;
  readonly at: number;
  readonly source: string;
  readonly kind: "allowed" | "refused" | "attack" | "keys" | "agent";
  readonly text: string;
  readonly reason?: Reason;
  readonly code?: AttestationErrorCode;
}

/** How long one verification took. */
export interface Timing {
  /** Unix seconds. */
  readonly at: number;
  /** Milliseconds. */
  readonly took: number;
  readonly kind: "full" | "remembered" | "refused";
}

/** Everything the page shows of what it received. */
export interface ConsoleState {
  readonly lastId: number;
  readonly agents: readonly AgentState[];
  /** Newest first. */
  readonly lines: readonly Line[];
  /** Oldest first. */
  readonly timings: readonly Timing[];
  readonly totals: {
    readonly issued: number;
    readonly verified: number;
    readonly refused: number;
    readonly attacks: number;
  };
}

export function initialState(agents: readonly AgentProfile[]): ConsoleState {
  return {
    lastId: 0,
    agents: agents.map((agent) => ({ ...agent, state: "connecting", served: 0, refused: 0 })),
    lines: [],
    timings: [],
    totals: { issued: 0, verified: 0, refused: 0, attacks: 0 },
  };
}

/** The state after one more entry. Entries that were seen before change nothing: a stream that reconnects may repeat. */
export function advance(state: ConsoleState, entry: FeedEntry): ConsoleState {
  if (entry.id <= state.lastId) return state;
  const line = lineOf(entry);
  return {
    lastId: entry.id,
    agents: state.agents.map((agent) => agentAfter(agent, entry)),
    lines: line ? [line, ...state.lines].slice(0, MAX_LINES) : state.lines,
    timings: timingsAfter(state.timings, entry),
    totals: totalsAfter(state.totals, entry),
  };
}

function agentAfter(agent: AgentState, { event, at }: FeedEntry): AgentState {
  if (event.type === "agent" && event.name === agent.name) {
    const { trustLevel: _, reason: __, ...rest } = agent;
    const { state, trustLevel, reason } = event;
    const refused = state === "refused" ? agent.refused + 1 : agent.refused;
    return { ...rest, state, refused, ...(trustLevel && { trustLevel }), ...(reason && { reason }) };
  }
  if (event.type === "call" && event.subject !== undefined && event.subject === agent.subject) {
    const { tool, outcome } = event;
    const counted = outcome === "served" ? { served: agent.served + 1 } : { refused: agent.refused + 1 };
    return { ...agent, ...counted, last: { tool, outcome, at } };
  }
  return agent;
}

function timingsAfter(timings: readonly Timing[], { event, at }: FeedEntry): readonly Timing[] {
  if (event.type !== "verification" || event.outcome === "absent") return timings;
  const kind = event.outcome !== "verified" ? "refused" : event.remembered ? "remembered" : "full";
  return [...timings.slice(1 - MAX_TIMINGS), { at: at / 1000, took: event.duration * 1000, kind }];
}

function totalsAfter(totals: ConsoleState["totals"], { event }: FeedEntry): ConsoleState["totals"] {
  switch (event.type) {
    case "issuance":
      return event.outcome === "issued" ? { ...totals, issued: totals.issued + 1 } : totals;
    case "verification":
      if (event.outcome === "verified") return { ...totals, verified: totals.verified + 1 };
      return event.outcome === "refused" ? { ...totals, refused: totals.refused + 1 } : totals;
    case "demand":
      return event.outcome === "refused" ? { ...totals, refused: totals.refused + 1 } : totals;
    case "attack":
      return event.phase === "blocked" ? { ...totals, attacks: totals.attacks + 1 } : totals;
    default:
      return totals;
  }
}

function because(reason: Reason | undefined): string {
  return reason === undefined ? "" : `: ${reasonInWords(reason)}`;
}

const ROTATION = {
  published: "published its next key, so that everybody can learn it before it is used",
  activated: "signs with a new key from now on",
  retired: "no longer signs with its old key; what that key signed stays good for its short life",
  removed: "removed a key that nothing depends on any more",
} as const;

function lineOf({ id, at, source, event }: FeedEntry): Line | undefined {
  const line = (kind: Line["kind"], text: string, why?: { reason?: Reason; code?: AttestationErrorCode }): Line => ({
    id,
    at,
    source,
    kind,
    text,
    ...(why?.reason && { reason: why.reason }),
    ...(why?.code && { code: why.code }),
  });
  switch (event.type) {
    case "call": {
      const who = event.subject === undefined ? "Somebody unverified" : shortSubject(event.subject);
      if (event.outcome === "served") return line("allowed", `${who} used ${event.tool}`);
      if (event.outcome === "failed") return line("agent", `${event.tool} failed for ${who}`);
      return line("refused", `${who} may not use ${event.tool}${because(event.reason)}`, event);
    }
    case "verification":
      if (event.outcome !== "refused") return undefined;
      return line("refused", `Turned away at the door: ${reasonInWords(event.reason ?? "attestation_invalid")}`, event);
    case "attack":
      if (event.phase === "launched") return line("attack", `Attack launched: ${event.name}`);
      return line("attack", `Attack ${event.phase}: ${event.name}`, event);
    case "key-rotation":
      return line("keys", `The authority ${ROTATION[event.action]}`);
    case "key-fetch":
      if (event.outcome !== "fetched") return undefined;
      return line("keys", "The bank fetched the authority's published keys");
    case "issuance":
      return event.outcome === "issued" ? line("keys", "The authority attested an agent's key") : undefined;
    case "agent":
      if (event.state === "verified") return line("agent", `${event.name} is verified`);
      return event.state === "away" ? line("agent", `${event.name} disconnected`) : undefined;
    default:
      return undefined;
  }
}
