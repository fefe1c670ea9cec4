/** Lets calls begin no faster than a rate. */
export class Pace {
  readonly #interval: number;
  #next = 0;

  /** @param perSecond Greatest number of calls in a second. */
  constructor(perSecond: number) {
    this.#interval = 1000 / perSecond;
  }

  /** Resolves when it is the caller's turn. */
  async turn(): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, this.#next);
    this.#next = at + this.#interval;
    if (at > now) await new Promise((resolve) => setTimeout(resolve, at - now));
  }
}
