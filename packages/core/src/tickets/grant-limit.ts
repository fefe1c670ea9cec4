/** Grants in any second, for one key at one audience. */
const MOST = 4;
const SECOND_MS = 1000;
const MAX_HELD = 10_000;

/**
 * Bounds how many tickets a server grants, since each costs it two operations on a curve: four in any second for one root key and
 * audience. What it remembers of that is bounded; when it is full, nothing is granted, which costs an agent nothing but speed.
 */
export class GrantLimit {
  /** The times of the last grants, those of the key that was granted least recently first. */
  readonly #granted = new Map<string, readonly number[]>();

  /** Whether one more may be granted, which is then counted. */
  permit(holder: string): boolean {
    const now = performance.now();
    for (const [oldest, times] of this.#granted) {
      if ((times.at(-1) ?? 0) > now - SECOND_MS) break;
      this.#granted.delete(oldest);
    }
    const recent = (this.#granted.get(holder) ?? []).filter((time) => time > now - SECOND_MS);
    if (recent.length >= MOST || (recent.length === 0 && this.#granted.size >= MAX_HELD)) return false;
    this.#granted.delete(holder);
    this.#granted.set(holder, [...recent, now]);
    return true;
  }
}
