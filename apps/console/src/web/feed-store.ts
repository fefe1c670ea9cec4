import type { DelegatedTo, ProofKind, Reason, TrustLevel } from "@attest/core";
import type { CallRecord } from "demo-mcp-server";
import type { AgentEvent, AgentProfile, FeedEntry } from "../shared/feed.ts";
import { type Line, lineOf } from "./line-of.ts";

/** Lines kept on the page. */
const MAX_LINES = 150;
/** Measurements kept for the plot. */
const MAX_TIMINGS = 600;

/** An agent as its card shows it. */
export interface AgentState extends AgentProfile {
  readonly state: AgentEvent["state"];
  /** Since when it is revoked, and since when it was refused for it, in milliseconds since 1970. */
  readonly revocation?: { readonly at: number; readonly refusedSince?: number };
  readonly trustLevel?: TrustLevel;
  readonly reason?: Reason;
  readonly served: number;
  readonly refused: number;
  /** How many of its requests were verified by what. */
  readonly proofs: Readonly<Record<ProofKind, number>>;
  /** Who delegated to whom, as the bank verified it last; absent where the agent itself calls. */
  readonly chain?: NonNullable<CallRecord["delegation"]>;
  /** What each authority says, as the bank verified it last, where there are several. */
  readonly layers?: NonNullable<CallRecord["layers"]>;
  readonly last?: { readonly tool: string; readonly outcome: string; readonly at: number };
}

/** How long one verification took. */
export interface Timing {
  /** Unix seconds. */
  readonly at: number;
  /** Milliseconds. */
  readonly took: number;
  readonly kind: "full" | "remembered" | "mac" | "refused";
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
    agents: agents.map((agent) => ({
      ...agent,
      state: "connecting",
      served: 0,
      refused: 0,
      proofs: { signature: 0, mac: 0, none: 0 },
    })),
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
    const { revocation } = agent;
    return {
      ...rest,
      state,
      refused,
      ...(trustLevel && { trustLevel }),
      ...(reason && { reason }),
      ...(reason === "attestation_revoked" && revocation && { revocation: { refusedSince: at, ...revocation } }),
    };
  }
  if (event.type === "attempt" && event.name === agent.name) {
    return { ...agent, refused: agent.refused + 1, last: { tool: event.tool, outcome: "refused", at } };
  }
  if (event.type === "revocation" && event.name === agent.name) {
    const { revocation: _, ...rest } = agent;
    return event.action === "revoked" ? { ...rest, revocation: { at } } : rest;
  }
  if (event.type === "verification" && event.outcome === "verified" && event.proof && isOf(agent, event)) {
    return { ...agent, proofs: { ...agent.proofs, [event.proof]: agent.proofs[event.proof] + 1 } };
  }
  if (event.type === "call" && isOf(agent, event)) {
    const { tool, outcome, trustLevel, delegation, layers } = event;
    const counted = outcome === "served" ? { served: agent.served + 1 } : { refused: agent.refused + 1 };
    return {
      ...agent,
      ...counted,
      // A page that came late was not told how the agent became so.
      ...(outcome === "served" && agent.state === "connecting" && { state: "verified" as const }),
      trustLevel,
      ...(delegation && { chain: delegation }),
      ...(layers && { layers }),
      last: { tool, outcome, at },
    };
  }
  return agent;
}

/** Whether the bank's word is about this agent: a sub-agent has its parent's subject, and a name by which people tell them apart. */
function isOf(
  agent: AgentState,
  { subject, delegation }: { readonly subject?: string; readonly delegation?: readonly Pick<DelegatedTo, "name">[] },
): boolean {
  return subject !== undefined && subject === agent.subject && delegation?.at(-1)?.name === agent.delegation?.name;
}

function timingsAfter(timings: readonly Timing[], { event, at }: FeedEntry): readonly Timing[] {
  if (event.type !== "verification" || event.outcome === "absent") return timings;
  const verified = event.proof === "mac" ? "mac" : event.remembered ? "remembered" : "full";
  const kind = event.outcome === "verified" ? verified : "refused";
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
