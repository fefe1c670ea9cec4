import type { Statement } from "../checks/statement.ts";

/** Attestations held at most whose proof has not been accepted yet. */
const UNPROVED_CAPACITY = 256;

/**
 * Attestations whose signature and claims have passed, by the SHA-256 of the whole token. It belongs to one verifier,
 * whose configuration never changes, so an entry cannot outlive the trust it was made under (T21). The oldest makes room.
 *
 * An attestation is public to every server that it was shown to, so anybody who has seen many could fill the cache with
 * them, and those of honest agents would have to be verified again (R5). It is therefore kept only when a use of it was accepted.
 * Until then it is held in a small memory of its own, so that presenting it again with a false proof costs the verifier
 * one signature, as before.
 */
export class CachedStatements {
  readonly #proved: Oldest;
  readonly #unproved = new Oldest(UNPROVED_CAPACITY);

  /** @param capacity Attestations kept at most whose use was accepted. */
  constructor(capacity: number) {
    this.#proved = new Oldest(capacity);
  }

  get(tokenHash: string): Statement | undefined {
    return this.#proved.entries.get(tokenHash) ?? this.#unproved.entries.get(tokenHash);
  }

  /** Holds an attestation that has passed its own checks, while those of its use go on. */
  hold(tokenHash: string, statement: Statement): void {
    if (this.get(tokenHash) === statement) return;
    this.#unproved.add(tokenHash, statement);
  }

  /** Keeps an attestation of which a use was accepted. */
  keep(tokenHash: string, statement: Statement): void {
    if (this.#proved.entries.has(tokenHash)) return;
    this.#unproved.entries.delete(tokenHash);
    this.#proved.add(tokenHash, statement);
  }

  forget(tokenHash: string): void {
    this.#proved.entries.delete(tokenHash);
    this.#unproved.entries.delete(tokenHash);
  }
}

/** A map of a bounded size, from which the oldest entry goes first. */
class Oldest {
  readonly entries = new Map<string, Statement>();
  readonly #capacity: number;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(tokenHash: string, statement: Statement): void {
    this.entries.set(tokenHash, statement);
    const [oldest] = this.entries.size > this.#capacity ? this.entries.keys() : [];
    if (oldest !== undefined) this.entries.delete(oldest);
  }
}
