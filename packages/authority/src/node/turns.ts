/**
 * Requests in one turn of the event loop: some milliseconds of signatures. What they wait for is asked for once a turn, such as
 * what was revoked meanwhile, so that fewer would cost more each.
 */
export const MOST_IN_A_TURN = 32;

/**
 * Lets a few requests in with each turn of the event loop, in their order. When a thousand come at once they would all be
 * verified in one turn otherwise, and an answer of Redis that has long been there would be read after its time limit.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #left = MOST_IN_A_TURN;
  #isCounting = false;

  /** Calls `goOn` at once if a request may go on, else when it is its turn. */
  take(goOn: () => void): void {
    this.#count();
    if (this.#left === 0) return void this.#waiting.push(goOn);
    this.#left--;
    goOn();
  }

  /** Counts from zero with the next turn, for as long as there is something to count. */
  #count(): void {
    if (this.#isCounting) return;
    this.#isCounting = true;
    setImmediate(() => {
      this.#isCounting = false;
      const next = this.#waiting.splice(0, MOST_IN_A_TURN);
      this.#left = MOST_IN_A_TURN - next.length;
      if (next.length > 0) this.#count();
      for (const goOn of next) goOn();
    });
  }
}
