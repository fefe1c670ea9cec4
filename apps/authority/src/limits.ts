import type { Clock } from "@attest/core";
import { clientOf } from "./client-address.ts";
import { MinuteCounter } from "./minute-counter.ts";
import { Problem } from "./problem.ts";

/** Wrong credentials of one client in a minute that are answered as what they are; further ones are answered 429. */
const FAILURES_PER_MINUTE = 30;
/** Clients that are counted at once: some hundred bytes each. */
const MAX_CLIENTS = 10_000;

/**
 * How often each workload may ask, and how many failures of one client are answered as what they are.
 *
 * The credential is checked first, and a right one is never refused for the failures of others at its address. So this does
 * not slow guesses down: secrets must be too long to guess.
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
