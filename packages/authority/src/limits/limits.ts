import type { Clock } from "@attest/core";
import { Problem } from "../problem.ts";
import { clientOf } from "./client-address.ts";
import { MinuteCounter } from "./minute-counter.ts";

/** Clients and workloads that are counted at once: some hundred bytes each. */
const MAX_COUNTED = 100_000;

/**
 * How often each workload may ask, and how many failures of one client are answered as what they are.
 *
 * The evidence is checked first, and good evidence is never refused for the failures of others at its address (A4). So this
 * does not slow guesses down: secrets must be too long to guess.
 */
export class Limits {
  readonly #requests: MinuteCounter;
  readonly #failures: MinuteCounter;

  constructor(options: { perWorkload: number; perAddress: number; clock: Clock }) {
    const { perWorkload, perAddress, clock } = options;
    this.#requests = new MinuteCounter({ most: perWorkload, maxKeys: MAX_COUNTED, clock });
    this.#failures = new MinuteCounter({ most: perAddress, maxKeys: MAX_COUNTED, clock });
  }

  /** Counts a request of a workload whose evidence is good. @throws Problem `too_many_requests`. */
  countRequest(workload: string): void {
    refuseIfAny(this.#requests.count(workload));
  }

  /** Counts a request that was refused before a rule admitted it. @throws Problem `too_many_requests`. */
  countFailure(address: string | undefined): void {
    refuseIfAny(this.#failures.count(clientOf(address)));
  }
}

function refuseIfAny(wait: number | undefined): void {
  if (wait !== undefined)
    throw new Problem("too_many_requests", "Too many requests in this minute", { retryAfter: wait });
}
