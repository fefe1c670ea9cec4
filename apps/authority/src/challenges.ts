import type { Clock } from "@attest/core";

/** Seconds for which a challenge can be answered. */
export const CHALLENGE_LIFETIME = 60;
/** Challenges one workload may have open; past that its oldest is forgotten, and nobody else's. */
const MAX_OPEN = 256;

/** What agents sign to prove that they hold a key: random, short-lived, for one workload and one use. In this process. */
export class Challenges {
  readonly #open = new Map<string, Map<string, number>>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  create(workload: string): string {
    const open = this.#open.get(workload) ?? new Map<string, number>();
    this.#open.set(workload, open);
    const [oldest] = open.keys();
    if (oldest !== undefined && open.size >= MAX_OPEN) open.delete(oldest);
    const challenge = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url");
    open.set(challenge, this.#clock() + CHALLENGE_LIFETIME);
    return challenge;
  }

  /** Uses a challenge up. Whether it was this workload's, and in time. */
  use(workload: string, challenge: string): boolean {
    const open = this.#open.get(workload);
    const expiresAt = open?.get(challenge);
    if (open === undefined || expiresAt === undefined) return false;
    open.delete(challenge);
    return this.#clock() < expiresAt;
  }
}
