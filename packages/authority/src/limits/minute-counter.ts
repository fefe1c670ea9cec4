import type { Clock } from "@attest/core";

/** Seconds. */
const WINDOW = 60;

/** Counts by key in windows of a minute, for a bounded number of keys. In this process. */
export class MinuteCounter {
  /** In the order in which their windows end. */
  readonly #windows = new Map<string, { count: number; endsAt: number }>();
  readonly #most: number;
  readonly #maxKeys: number;
  readonly #clock: Clock;

  /** @param options.most For one key in a minute. @param options.maxKeys Past that the window that ends first is forgotten. */
  constructor(options: { most: number; maxKeys: number; clock: Clock }) {
    this.#most = options.most;
    this.#maxKeys = options.maxKeys;
    this.#clock = options.clock;
  }

  /** Keys that are counted at the moment. */
  get size(): number {
    return this.#windows.size;
  }

  /** Counts one. @returns Seconds until the next one is allowed, if this one is not. */
  count(key: string): number | undefined {
    const now = this.#clock();
    const window = this.#windows.get(key) ?? { count: 0, endsAt: 0 };
    // Of a clock that went back, nothing is known.
    if (!(now < window.endsAt && now >= window.endsAt - WINDOW)) {
      this.#windows.delete(key);
      this.#makeRoom(now);
      this.#windows.set(key, window);
      window.count = 0;
      window.endsAt = now + WINDOW;
    }
    window.count++;
    return window.count > this.#most ? Math.max(1, Math.ceil(window.endsAt - now)) : undefined;
  }

  #makeRoom(now: number): void {
    for (const [key, { endsAt }] of this.#windows) {
      if (now < endsAt && this.#windows.size < this.#maxKeys) return;
      this.#windows.delete(key);
    }
  }
}
