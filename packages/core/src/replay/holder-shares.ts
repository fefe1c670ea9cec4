/** Holders whose expired uses are subtracted by one operation, at most. */
const RELEASED_AT_ONCE = 64;

/** One holder's live uses. */
interface Holder {
  readonly name: string;
  held: number;
}

/** One holder's uses among those that expire together. */
export interface HeldUses {
  readonly holder: Holder;
  uses: number;
}

/** By the holder's name, the uses that expire together. */
export type HeldTogether = Map<string, HeldUses>;

/**
 * Counts how many live uses each holder has, so that none fills the store for all others (R7). Forgets holders that have
 * none, and subtracts what has expired a few holders at a time, so that no operation takes long where many expire at once
 * (R16): a holder may be counted with uses that expired a moment ago, and never with fewer than it has.
 */
export class HolderShares {
  /** Uses that one holder may have. */
  readonly #most: number;
  readonly #holders = new Map<string, Holder>();
  readonly #expired: Iterator<HeldUses>[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** What a holder has; unknown holders and groups are kept only once a use is added. */
  of(name: string, together: HeldTogether | undefined): HeldUses {
    return together?.get(name) ?? { holder: this.#holders.get(name) ?? { name, held: 0 }, uses: 0 };
  }

  hasRoom(held: HeldUses | undefined): boolean {
    return held === undefined || held.holder.held < this.#most;
  }

  add(held: HeldUses | undefined, together: HeldTogether): void {
    if (!held) return;
    const { holder } = held;
    if (held.uses++ === 0) together.set(holder.name, held);
    if (holder.held++ === 0) this.#holders.set(holder.name, holder);
  }

  expire(together: HeldTogether): void {
    this.#expired.push(together.values());
  }

  /** Subtracts some of what has expired. */
  release(): void {
    if (this.#expired.length === 0) return;
    for (let i = 0; i < RELEASED_AT_ONCE; i++) {
      const next = this.#expired[0]?.next();
      if (!next) return;
      if (next.done) {
        this.#expired.shift();
        continue;
      }
      const { holder, uses } = next.value;
      holder.held -= uses;
      if (holder.held === 0) this.#holders.delete(holder.name);
    }
  }
}
