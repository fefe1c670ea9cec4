/**
 * Whether a call is over, and who is notified of its end. An `AbortSignal` says the same, but its events cost more than
 * verifying what the call carries.
 */
export class CallEnd {
  #listeners: (() => void)[] = [];
  #over = false;

  /** Whether it is over. */
  get over(): boolean {
    return this.#over;
  }

  /** Ends it, once. */
  readonly end = (): void => {
    if (this.#over) return;
    this.#over = true;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  };

  /** Calls a listener when it ends; at once if it is over. */
  onEnd(listener: () => void): void {
    if (this.#over) listener();
    else this.#listeners.push(listener);
  }
}
