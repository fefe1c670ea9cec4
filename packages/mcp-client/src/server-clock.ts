import type { Clock } from "@attest/core";

/** A server's clock is trusted up to this many seconds from the agent's own. */
const MAX_OFFSET = 86_400;
/** A server's clock counts as behind the agent's from this many seconds on; less is rounding. */
const ROUNDING = 2;
/** A proof that is no older than this many seconds is within the window of every ordinary server (SPEC-6.14). */
const WINDOW = 90;
/** How often, in milliseconds, and how many times the agent looks whether a second has passed. */
const POLL_MS = 100;
const POLLS = 12;

/**
 * The time at one server, as far as the agent knows it: the agent's own clock, corrected by what that server said.
 * A correction holds for this server alone (SPEC-7.11).
 */
export class ServerClock {
  readonly #own: Clock;
  #offset = 0;
  /** No proof is made before this second has passed. */
  #notBefore: number | undefined;

  constructor(own: Clock) {
    this.#own = own;
  }

  /** Unix seconds, corrected. */
  now(): number {
    return Math.floor(this.#own()) + this.#offset;
  }

  /**
   * Learns the time that a server sent when it refused a proof as expired.
   *
   * If that time lies between the making of the proof and now, the clocks agree, and this one stays as it is. A proof that
   * was refused though it was within the server's window is probably as old as the server's replay store: one that has
   * just started refuses what was dated in or before the second in which it was made. Then the next proof waits until that
   * second has passed.
   *
   * @param serverTime Unix seconds. @param issuedAt The `iat` of the refused proof.
   */
  learn(serverTime: number, issuedAt: number): void {
    // The server's time was read before it arrived here: its clock is ahead by this much at least.
    const ahead = serverTime - this.now();
    const age = serverTime - issuedAt;
    if (ahead > 0 || age < -ROUNDING) {
      const offset = this.#offset + ahead;
      this.#offset = Math.abs(offset) <= MAX_OFFSET ? offset : 0;
    }
    this.#notBefore = age >= 0 && age <= WINDOW ? serverTime : undefined;
  }

  /** Whether the next proof must wait for `settle`. */
  get unsettled(): boolean {
    return this.#notBefore !== undefined;
  }

  /** Resolves when a new proof is dated after what the server refused: within 1.2 seconds, even if the clock stands still. */
  async settle(): Promise<void> {
    const notBefore = this.#notBefore;
    if (notBefore === undefined) return;
    for (let polls = 0; this.now() <= notBefore && polls < POLLS; polls++) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    if (this.#notBefore === notBefore) this.#notBefore = undefined;
  }
}
