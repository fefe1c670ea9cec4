/** Requests in one turn of the event loop: some milliseconds of signatures. */
const MOST = 8;

/**
 * Lets a few requests in with each turn of the event loop, in their order. When a thousand come at once they would all be
 * verified in one turn otherwise, and an answer of Redis that has long been there would be read after its time limit.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #left = MOST;
  #isCounting = false;

  /** `undefined` if a request may go on at once; else resolves when it is its turn. */
  take(): Promise<void> | undefined {
    this.#count();
    if (this.#left === 0) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#left--;
    return undefined;
  }

  /** Counts from zero with the next turn, for as long as there is something to count. */
  #count(): void {
    if (this.#isCounting) return;
    this.#isCounting = true;
    setImmediate(() => {
      this.#isCounting = false;
      const next = this.#waiting.splice(0, MOST);
      this.#left = MOST - next.length;
      if (next.length > 0) this.#count();
      for (const goOn of next) goOn();
    });
  }
}
