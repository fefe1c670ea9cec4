import type { Clock } from "@attest/core";
import { clientOf } from "./client-address.ts";
import { MinuteCounter } from "./minute-counter.ts";
import { Problem } from "./problem.ts";

/** Wrong credentials that one client may present in a minute before it is told to wait. */
const FAILURES_PER_MINUTE = 30;
/** Clients that are counted at once: some hundred bytes each. */
const MAX_CLIENTS = 10_000;

/**
 * How often workloads may ask, and how often strangers are answered in full. A workload is counted by itself alone, so that
 * nobody else at its address can use up what it may. What is refused for a stranger is the answer and not the check: a
 * right credential is never locked out by the failures of others, which a limit on guesses would do. Secrets must be too
 * long to guess.
 */
export class Limits {
  readonly #requests: MinuteCounter;
  readonly #failures: MinuteCounter;

  constructor(options: { requestsPerMinute: number; workloads: number; clock: Clock }) {
    const { requestsPerMinute, workloads, clock } = options;
    this.#requests = new MinuteCounter({ most: requestsPerMinute, maxKeys: workloads, clock });
    this.#failures = new MinuteCounter({ most: FAILURES_PER_MINUTE, maxKeys: MAX_CLIENTS, clock });
  }

  /** Counts a request of a workload that was authenticated. @throws Problem `too_many_requests`. */
  countRequest(workload: string): void {
    refuseIfAny(this.#requests.count(workload));
  }

  /** Counts a credential that was refused. @throws Problem `too_many_requests`. */
  countFailure(address: string | undefined): void {
    refuseIfAny(this.#failures.count(clientOf(address)));
  }
}

function refuseIfAny(wait: number | undefined): void {
  if (wait !== undefined) throw new Problem("too_many_requests", "Too many requests", wait);
}
