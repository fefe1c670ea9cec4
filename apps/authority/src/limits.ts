import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import { Problem } from "./problem.ts";

/** Attempts with a wrong credential that one address may make in a minute. */
const FAILURES_PER_MINUTE = 30;

/** How often workloads may ask, and strangers may try. In this process. */
export class Limits {
  readonly #workloads: RateLimiterMemory;
  readonly #failures = new RateLimiterMemory({ points: FAILURES_PER_MINUTE, duration: 60 });

  constructor(requestsPerMinute: number) {
    this.#workloads = new RateLimiterMemory({ points: requestsPerMinute, duration: 60 });
  }

  /** Counts a request of a workload. @throws Problem `too_many_requests`. */
  async countRequest(workload: string): Promise<void> {
    await consume(this.#workloads, workload);
  }

  /** Refuses an address that has failed too often lately. @throws Problem `too_many_requests`. */
  async assertWelcome(address: string): Promise<void> {
    const state = await this.#failures.get(address);
    if (state && state.remainingPoints <= 0) throw tooMany(state);
  }

  async countFailure(address: string): Promise<void> {
    await this.#failures.penalty(address);
  }
}

async function consume(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (state) {
    if (state instanceof Error) throw state;
    throw tooMany(state as RateLimiterRes);
  }
}

function tooMany({ msBeforeNext }: RateLimiterRes): Problem {
  return new Problem("too_many_requests", "Too many requests", Math.max(1, Math.ceil(msBeforeNext / 1000)));
}
