import type { Fault } from "./faults.ts";
import type { Presentation } from "./messages.ts";

/** What became of one fault. Times are the machine's, in milliseconds. */
export interface Incident {
  readonly fault: Fault;
  readonly begun: number;
  /** When what was broken was whole again: from here on, what is still refused is counted as recovery. */
  ended: number;
  /** Who noticed that Redis had lost its memory, and when the last of them did. */
  readonly noticedBy: Set<number>;
  noticed: number | undefined;
  recovered: number | undefined;
  honestRefusals: number;
  replaysAccepted: number;
}

interface Use {
  readonly presented: number;
  readonly presentation: Presentation;
  readonly presenters: number;
  answers: number;
  accepted: number;
}

/** How long after its first presentation a use is kept in mind, to be presented again. */
const REMEMBERED_MS = 25_000;

/** From the decision to its record in the same process. */
const RECORDED_MS = 20;

/** The documented window of a loss over a living connection: a marker's age and the deadline of one command. */
const WINDOW_MS = 250 + 250;

/** Keeps the count of every proof: how often it was accepted, and when. */
export class Ledger {
  readonly #uses = new Map<number, Use>();
  readonly incidents: Incident[] = [];
  acceptedOnce = 0;
  honestRefusals = 0;
  presented = 0;
  repeated = 0;
  /** Second acceptances between a loss and its last noticing, and all others, of which there must be none. */
  replaysInWindow = 0;
  replaysOutside = 0;
  /** Answers that no fault explains: neither accepted, nor a repetition, nor unavailable. */
  readonly unexpected = new Map<string, number>();
  #lastRefusal = 0;
  #lastAccepted = 0;
  /** Second acceptances whose window is still open: judged when it is known when the loss was noticed. */
  readonly #doubles: number[] = [];

  /** A proof is presented, fresh, to several processes at once. */
  open(presentation: Presentation, presenters: number): void {
    const now = Date.now();
    this.presented += presenters;
    this.#uses.set(presentation.id, { presented: now, presentation, presenters, answers: 0, accepted: 0 });
    for (const [id, use] of this.#uses) {
      if (now - use.presented < REMEMBERED_MS) break;
      this.#uses.delete(id);
    }
  }

  /** A proof of some time ago, to be presented again: any whose first presentation is over. */
  someOld(): Presentation | undefined {
    const size = this.#uses.size;
    if (size < 200) return undefined;
    const oldest = this.#uses.keys().next().value as number;
    const use = this.#uses.get(oldest + Math.floor(Math.random() * (size - 100)));
    if (!use || use.answers < use.presenters) return undefined;
    this.presented++;
    return use.presentation;
  }

  /** What one process said to one presentation. Returns whether that ended the use's first presentation. */
  answer(id: number, code: string, at: number): boolean {
    const use = this.#uses.get(id);
    if (!use) return false;
    use.answers++;
    if (code === "accepted") {
      use.accepted++;
      this.#lastAccepted = at;
      if (use.accepted === 1) this.acceptedOnce++;
      else this.#doubles.push(at);
    } else if (code === "ERR_REPLAY" || (code === "ERR_TICKET_EXPIRED" && use.answers > use.presenters))
      this.repeated++;
    else if (code !== "ERR_REPLAY_CACHE_UNAVAILABLE" && code !== "ERR_REPLAY_CACHE_FULL") {
      this.unexpected.set(code, (this.unexpected.get(code) ?? 0) + 1);
    }
    if (use.answers !== use.presenters) return false;
    if (use.accepted === 0) {
      this.honestRefusals++;
      this.#lastRefusal = at;
      const incident = this.incidents.at(-1);
      if (incident) incident.honestRefusals++;
    }
    return true;
  }

  /** Whether honest uses have been accepted, and none refused, for a while. */
  isCalm(ms: number): boolean {
    const now = Date.now();
    return now - this.#lastRefusal > ms && now - this.#lastAccepted < ms;
  }

  get lastRefusal(): number {
    return this.#lastRefusal;
  }

  /** Judges the second acceptances of an incident that is over. */
  close(incident: Incident): void {
    for (const at of this.#doubles.splice(0)) {
      incident.replaysAccepted++;
      const { noticed, begun, fault } = incident;
      const end = Math.max((noticed ?? begun) + RECORDED_MS, begun + WINDOW_MS);
      if (fault.loses && at >= begun && at <= end) this.replaysInWindow++;
      else this.replaysOutside++;
    }
  }
}
