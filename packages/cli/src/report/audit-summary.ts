import type { DemandEvent, GuardEvent } from "@attest/core";
import type { AuditEntry } from "@attest/observability";

/** Whom a decision was about: a verified agent, else what the client called itself, which may be a lie, else nobody known. */
export interface Agent {
  /** SPIFFE ID of a verified agent. */
  readonly subject?: string;
  readonly issuer?: string;
  /** The client's own word, of an agent that was not verified. */
  readonly client?: string;
}

/** What happened to messages. */
export interface Counts {
  /** Decisions of guards. A message that a gate let through and its connection refused counts twice. */
  messages: number;
  /** Of verified agents, and not refused. */
  verified: number;
  /** Refused by a guard. */
  refused: number;
  /** Let through by a guard that only reports, which would refuse them if it enforced. */
  wouldBeRefused: number;
  /** Refused by a handler that demands attestation, whether the guard enforces or not. */
  refusedByHandlers: number;
}

/** All refusals of one kind. */
export interface Refusal extends Agent {
  readonly method?: string;
  /** The tool, prompt or resource, as the client named it. */
  readonly tool?: string;
  readonly code: string;
  readonly reason?: string;
  readonly by: "guard" | "handler";
  /** `false`: it only would have been refused. */
  readonly enforced: boolean;
  count: number;
  /** Unix seconds of the first and the last; absent where the log's clock told no time. */
  first?: number;
  last?: number;
}

/** What a summary says, once every line was added. */
export interface Summary extends Counts {
  /** Lines that were counted. */
  readonly lines: number;
  /** Unix seconds of the earliest and the latest line. */
  readonly from?: number;
  readonly to?: number;
  /** Messages of guards that only report. */
  readonly reportedOnly: number;
  /** Those with the most messages first. */
  readonly agents: readonly (Agent & Counts)[];
  /** The most frequent first. */
  readonly refusals: readonly Refusal[];
  /** What was counted in the sums but in no row, since names that peers make up would fill the memory. */
  readonly omitted: { readonly agents: number; readonly refusals: number };
}

/** Rows of each table. Peers choose the names in them. */
const MAX_ROWS = 10_000;

/** Sums up an audit log by agent, method, tool and code, in memory that does not grow with the log. */
export class AuditSummary {
  readonly #sums = emptyCounts();
  readonly #agents = new Map<string, Agent & Counts>();
  readonly #refusals = new Map<string, Refusal>();
  readonly #omitted = { agents: 0, refusals: 0 };
  #lines = 0;
  #reportedOnly = 0;
  #from = Number.POSITIVE_INFINITY;
  #to = Number.NEGATIVE_INFINITY;

  /** Counts a line. */
  add({ event, time }: AuditEntry): void {
    this.#lines++;
    if (time !== null) {
      this.#from = Math.min(this.#from, time);
      this.#to = Math.max(this.#to, time);
    }
    if (event.type === "guard") this.#addGuarded(event, time);
    else if (event.type === "demand" && event.outcome === "refused") this.#addDemand(event, time);
  }

  /** The sums of all lines so far. */
  get summary(): Summary {
    const known = this.#from <= this.#to;
    return {
      lines: this.#lines,
      ...(known && { from: this.#from, to: this.#to }),
      ...this.#sums,
      reportedOnly: this.#reportedOnly,
      agents: [...this.#agents.values()].sort((a, b) => b.messages - a.messages),
      refusals: [...this.#refusals.values()].sort((a, b) => b.count - a.count),
      omitted: this.#omitted,
    };
  }

  #addGuarded(event: GuardEvent, time: number | null): void {
    const enforced = event.enforced !== false;
    if (!enforced) this.#reportedOnly++;
    const refused = event.code !== undefined;
    const kinds: (keyof Counts)[] = ["messages"];
    if (refused) kinds.push(enforced ? "refused" : "wouldBeRefused");
    else if (textOf(event.subject) !== undefined) kinds.push("verified");
    this.#count(event, kinds);
    if (refused) this.#addRefusal(event, { by: "guard", enforced }, time);
  }

  #addDemand(event: DemandEvent, time: number | null): void {
    this.#count(event, ["refusedByHandlers"]);
    this.#addRefusal(event, { by: "handler", enforced: true }, time);
  }

  #count(event: GuardEvent | DemandEvent, kinds: readonly (keyof Counts)[]): void {
    const agent = agentOf(event);
    const key = JSON.stringify(agent);
    let row = this.#agents.get(key);
    if (!row && this.#agents.size < MAX_ROWS) {
      row = { ...agent, ...emptyCounts() };
      this.#agents.set(key, row);
    }
    if (!row) this.#omitted.agents++;
    for (const kind of kinds) {
      this.#sums[kind]++;
      if (row) row[kind]++;
    }
  }

  #addRefusal(event: GuardEvent | DemandEvent, how: Pick<Refusal, "by" | "enforced">, time: number | null): void {
    const [method, tool, reason] = [textOf(event.method), textOf(event.target), textOf(event.reason)];
    const group = {
      ...agentOf(event),
      ...(method !== undefined && { method }),
      ...(tool !== undefined && { tool }),
      code: textOf(event.code) ?? "",
      ...(reason !== undefined && { reason }),
      ...how,
    };
    const key = JSON.stringify(group);
    const row = this.#refusals.get(key) ?? { ...group, count: 0 };
    if (row.count === 0) {
      if (this.#refusals.size >= MAX_ROWS) {
        this.#omitted.refusals++;
        return;
      }
      this.#refusals.set(key, row);
    }
    row.count++;
    if (time === null) return;
    row.first = Math.min(time, row.first ?? time);
    row.last = Math.max(time, row.last ?? time);
  }
}

function emptyCounts(): Counts {
  return { messages: 0, verified: 0, refused: 0, wouldBeRefused: 0, refusedByHandlers: 0 };
}

function agentOf(event: GuardEvent | DemandEvent): Agent {
  const [subject, issuer] = [textOf(event.subject), textOf(event.issuer)];
  if (subject !== undefined) return { subject, ...(issuer !== undefined && { issuer }) };
  const client = event.type === "guard" ? textOf(event.client) : undefined;
  return client === undefined ? {} : { client };
}

/** A member of an event as the text that it should be: a line that was made up can hold anything. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value.slice(0, 512) : undefined;
}
