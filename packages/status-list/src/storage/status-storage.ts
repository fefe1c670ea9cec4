/** A text at its position. */
export interface StoredText {
  /** Its place in the journal, counted from 1. */
  readonly position: number;
  /** What was stored there, unchanged. */
  readonly text: string;
}

/** What a storage holds behind a position, as it was at one moment. */
export interface StoredStatus {
  /** The position of the last entry, counted from 1; 0 if there has never been one. */
  readonly head: number;
  /** Stands for all entries up to its position. Given where some of the entries that were asked for are no longer there. */
  readonly snapshot?: StoredText;
  /** All entries behind the position that was asked for, or behind the snapshot's: in order, without a gap, up to `head`. */
  readonly entries: readonly StoredText[];
}

/**
 * Where a `StatusListPublisher` keeps what it allocated and revoked: a journal of texts, each at a position of its own, of which
 * a snapshot replaces the oldest. It holds thumbprints of keys and names of workloads, and nothing secret. Several processes
 * may use one. `@attest/status-list/storage-contract` tests whatever implements it.
 *
 * Whatever it throws counts as unavailable: nothing is allocated then, no revocation is confirmed, and no list published.
 */
export interface StatusStorage {
  /** What is stored behind the position `after`, 0 for everything. */
  read(after: number): Promise<StoredStatus>;
  /**
   * Stores an entry at `after` + 1, if `after` is the head: one atomic step even among several processes. Once it resolves to
   * `true` the entry outlasts a crash of every process, and of the machine.
   *
   * @returns False if it was not stored, as somebody else was first.
   */
  append(after: number, text: string): Promise<boolean>;
  /**
   * Replaces all entries up to `position` by one text that stands for them, unless an equal or later one has. A crash in
   * between loses nothing.
   */
  compact(position: number, text: string): Promise<void>;
}
