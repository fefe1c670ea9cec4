import { AttestationError } from "@attest/core";
import type { StatusStorage, StoredStatus } from "../storage/status-storage.ts";
import { type RegisterChange, readChanges, StatusRegister, writeChanges } from "./status-register.ts";

/** How often changes are tried because another process was first. Of eight that always write, one may need a hundred. */
const MAX_ATTEMPTS = 1000;
/** Entries between snapshots. */
const SNAPSHOT_EVERY = 256;

/** Decides changes against a register as it is after all changes before. What it throws fails this decision alone. */
export type Decide<T> = (register: StatusRegister) => {
  readonly changes: readonly RegisterChange[];
  readonly result: T;
};

interface Waiting {
  decide: Decide<unknown>;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/**
 * A register that is kept in a storage. Changes that come while others are being stored are stored together, so that one
 * write serves many. One operation works on the register at a time.
 */
export class RegisterJournal {
  readonly #storage: StatusStorage;
  /** Drops what is no longer needed, before a snapshot and at the same places in every process. */
  readonly #prune: (register: StatusRegister) => void;
  #register = new StatusRegister();
  #position = 0;
  #waiting: Waiting[] = [];
  #last: Promise<unknown> = Promise.resolve();

  constructor(storage: StatusStorage, prune: (register: StatusRegister) => void) {
    this.#storage = storage;
    this.#prune = prune;
  }

  /** Takes up what others changed, and looks. @throws AttestationError `ERR_REVOCATION_UNAVAILABLE` if the storage fails. */
  look<T>(look: (register: StatusRegister) => T | Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      await this.#catchUp();
      return look(this.#register);
    });
  }

  /**
   * Decides and stores changes; resolves once they are durable.
   *
   * @throws What `decide` throws; AttestationError `ERR_REVOCATION_UNAVAILABLE` if the storage fails: then it is not known
   * whether they were stored, so decide again.
   */
  change<T>(decide: Decide<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ decide, resolve: resolve as (result: unknown) => void, reject });
      // The first of those that wait takes all of them along.
      if (this.#waiting.length === 1) void this.#inTurn(() => this.#store(this.#waiting.splice(0)));
    });
  }

  async #store(batch: readonly Waiting[]): Promise<void> {
    try {
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        // At once: a writer that waits comes in the middle of the next write of a process that never does, and is late each time.
        await this.#catchUp();
        if (await this.#attempt(batch)) return;
      }
      throw storageError("is changed by others all the time");
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  /** @returns Whether the changes of all that wait are stored. */
  async #attempt(batch: readonly Waiting[]): Promise<boolean> {
    const changes: RegisterChange[] = [];
    const undo: (() => void)[] = [];
    const settle = batch.map(({ decide, resolve, reject }) => {
      try {
        const decided = decide(this.#register);
        for (const change of decided.changes) undo.push(this.#register.apply(change));
        changes.push(...decided.changes);
        return () => resolve(decided.result);
      } catch (error) {
        return () => reject(error);
      }
    });
    let isStored = changes.length === 0;
    try {
      isStored ||= await this.#call(() => this.#storage.append(this.#position, writeChanges(changes)));
    } finally {
      if (!isStored) for (const each of undo.reverse()) each();
    }
    if (!isStored) return false;
    for (const each of settle) each();
    if (changes.length > 0) await this.#advance(this.#position + 1);
    return true;
  }

  async #catchUp(): Promise<void> {
    const { head, snapshot, entries }: StoredStatus = await this.#call(() => this.#storage.read(this.#position));
    if (!(head >= this.#position)) throw storageError("lost what it had");
    let [register, position] = [this.#register, this.#position];
    if (snapshot && snapshot.position > position)
      [register, position] = [StatusRegister.fromText(snapshot.text), snapshot.position];
    // Read whole before any is applied: what cannot be read leaves everything as it was.
    const read = entries.map((entry) => ({ position: entry.position, changes: readChanges(entry.text) }));
    for (const [i, entry] of read.entries()) {
      if (entry.position !== position + 1 + i) throw storageError("has a gap");
    }
    if (position + read.length !== head) throw storageError("has a gap");
    [this.#register, this.#position] = [register, position];
    for (const entry of read) {
      for (const change of entry.changes) this.#register.apply(change);
      this.#position = entry.position;
      if (entry.position % SNAPSHOT_EVERY === 0) this.#prune(this.#register);
    }
  }

  /** After an entry of this process. The process that stores the last one before a snapshot makes it. */
  async #advance(position: number): Promise<void> {
    this.#position = position;
    if (position % SNAPSHOT_EVERY !== 0) return;
    this.#prune(this.#register);
    const text = await this.#register.toText();
    // The entries are still there if this fails, and the next snapshot stands for them too.
    await this.#call(() => this.#storage.compact(position, text)).catch(() => {});
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  /** What others' storage throws may hold secrets, and is replaced. */
  async #call<T>(operation: () => Promise<T>): Promise<T> {
    try {
      return await operation();
    } catch (error) {
      if (error instanceof AttestationError) throw error;
      throw storageError("failed");
    }
  }
}

function storageError(problem: string): AttestationError {
  return new AttestationError("ERR_REVOCATION_UNAVAILABLE", `The status storage ${problem}`);
}
