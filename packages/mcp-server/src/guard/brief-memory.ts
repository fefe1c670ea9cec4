/** What passes from one place of this process to the next takes milliseconds. */
const LIFETIME_MS = 5000;
const MAX_HELD = 10_000;

/** Holds values under keys that are used once, for five seconds at most. */
export class BriefMemory<V> {
  readonly #held = new Map<string, { readonly value: V; readonly until: number }>();

  put(key: string, value: V): void {
    const now = performance.now();
    // In the order in which they were put, so the oldest come first.
    for (const [oldest, { until }] of this.#held) {
      if (until > now && this.#held.size < MAX_HELD) break;
      this.#held.delete(oldest);
    }
    this.#held.set(key, { value, until: now + LIFETIME_MS });
  }

  /** The value of a key, which is gone after that. */
  take(key: string): V | undefined {
    const found = this.#held.get(key);
    if (!found) return undefined;
    this.#held.delete(key);
    return found.until > performance.now() ? found.value : undefined;
  }
}
