import { AttestationError, decodeStrictJson } from "@attest/core";
import { inSlices } from "./in-slices.ts";

/** What an index stands for. */
interface Allocation {
  readonly key: string;
  readonly workload: string | undefined;
  /** Unix seconds: from then on no attestation with this index is valid. */
  readonly until: number;
  revoked: boolean;
}

/** What is revoked or reinstated: a key by its thumbprint, or a workload with all of its keys. */
export type Revocable =
  | {
      /** RFC 7638 SHA-256 thumbprint of the key, base64url. */
      readonly key: string;
      readonly workload?: never;
    }
  | {
      /** The name that `allocate` was given for its keys. */
      readonly workload: string;
      readonly key?: never;
    };

/** A change of a register, as it is stored. */
export type RegisterChange =
  | { readonly take: number; readonly key: string; readonly workload?: string; readonly until: number }
  | { readonly revoke: Revocable /** Unix seconds. */; readonly at: number }
  | { readonly reinstate: Revocable };

/** Takes back a change that was applied last. */
type Undo = () => void;

const VERSION = 1;
/** Levels of arrays and objects within each other in stored texts. */
const DEPTH = 6;

let revisions = 0;
const nextRevision = () => ++revisions;

/**
 * Which index stands for which key, and what is revoked. Knows no clock and no storage: the process that appends a change decides it
 * against all changes before; a reader applies it as it is, so that all come to the same.
 */
export class StatusRegister {
  readonly #allocations = new Map<number, Allocation>();
  /** The newest index of each key. */
  readonly #byKey = new Map<string, number>();
  readonly #revokedKeys = new Set<string>();
  readonly #revokedWorkloads = new Set<string>();
  #revision = nextRevision();
  #revokedAt = 0;

  /** Another one with every change of the list that is to be published, and for every register. */
  get revision(): number {
    return this.#revision;
  }

  /** When something was revoked last, Unix seconds by the clock of the process that did; 0 if nothing was. Never goes back. */
  get revokedAt(): number {
    return this.#revokedAt;
  }

  /** The newest index of a key that can serve on: of the same workload, not revoked, with attestations that may be valid. */
  find(key: string, workload: string | undefined, now: number): { idx: number; until: number } | undefined {
    const idx = this.#byKey.get(key);
    const found = idx === undefined ? undefined : this.#allocations.get(idx);
    if (idx === undefined || !found || found.revoked || found.until <= now || found.workload !== workload)
      return undefined;
    return { idx, until: found.until };
  }

  /** Whether nothing may be allocated, as the key or its workload is revoked. */
  isRevoked(key: string, workload: string | undefined): boolean {
    return this.#revokedKeys.has(key) || (workload !== undefined && this.#revokedWorkloads.has(workload));
  }

  /** The thumbprint of the key that an index stands for, if it is in use. */
  keyOf(idx: number): string | undefined {
    return this.#allocations.get(idx)?.key;
  }

  /** The indexes that something concerns, of those with attestations that may be valid. */
  concerned({ key, workload }: Revocable, now: number): number[] {
    const found: number[] = [];
    for (const [idx, each] of this.#allocations) {
      if (each.until > now && (key === undefined ? each.workload === workload : each.key === key)) found.push(idx);
    }
    return found;
  }

  /** Calls for every index that is to be published as revoked, in slices: the register must not change meanwhile. */
  forEachRevoked(call: (idx: number) => void): Promise<void> {
    return inSlices(this.#allocations, ([idx, { revoked }]) => {
      if (revoked) call(idx);
    });
  }

  /** The highest index in use; -1 if none is. */
  highest(): number {
    let most = -1;
    for (const idx of this.#allocations.keys()) most = Math.max(most, idx);
    return most;
  }

  /** Applies a change. @returns What takes it back, as long as it is the last one. */
  apply(change: RegisterChange): Undo {
    if ("take" in change) return this.#take(change);
    if ("reinstate" in change) return this.#reinstate(change.reinstate);
    const before = this.#revokedAt;
    const undoMember = this.#add(change.revoke);
    const undoMarks = this.#mark(this.concerned(change.revoke, Number.NEGATIVE_INFINITY));
    this.#revokedAt = Math.max(before, change.at);
    return () => {
      this.#revokedAt = before;
      undoMarks();
      undoMember();
    };
  }

  /** Frees the indexes of which no attestation has been valid since a time. */
  prune(time: number): void {
    for (const [idx, { key, until, revoked }] of this.#allocations) {
      if (until > time) continue;
      this.#allocations.delete(idx);
      if (this.#byKey.get(key) === idx) this.#byKey.delete(key);
      if (revoked) this.#revision = nextRevision();
    }
  }

  /** The whole register as a text, made in slices: the register must not change meanwhile. */
  async toText(): Promise<string> {
    const allocations: string[] = [];
    await inSlices(this.#allocations, ([idx, { key, workload, until, revoked }]) => {
      const members = [idx, key, until, revoked];
      allocations.push(JSON.stringify(workload === undefined ? members : [...members, workload]));
    });
    const rest = JSON.stringify({
      version: VERSION,
      revokedAt: this.#revokedAt,
      revokedKeys: [...this.#revokedKeys],
      revokedWorkloads: [...this.#revokedWorkloads],
    });
    return `${rest.slice(0, -1)},"allocations":[${allocations.join()}]}`;
  }

  /** Reads what `toText` wrote. @throws AttestationError `ERR_REVOCATION_UNAVAILABLE` for anything else. */
  static fromText(stored: string): StatusRegister {
    const { revokedAt, allocations, revokedKeys, revokedWorkloads } = readObject(stored);
    const register = new StatusRegister();
    if (!isTime(revokedAt)) throw unread();
    register.#revokedAt = revokedAt;
    for (const allocation of listIn(allocations)) {
      const [take, key, until, revoked, workload] = listIn(allocation);
      const change: unknown = { take, key, until, ...(workload !== undefined && { workload }) };
      if (!isChange(change) || typeof revoked !== "boolean") throw unread();
      register.apply(change);
      if (revoked) register.#mark([take as number]);
    }
    for (const key of listIn(revokedKeys)) register.#revokedKeys.add(text(key));
    for (const workload of listIn(revokedWorkloads)) register.#revokedWorkloads.add(text(workload));
    return register;
  }

  #take({ take: idx, key, workload, until }: Extract<RegisterChange, { take: number }>): Undo {
    const [before, newest] = [this.#allocations.get(idx), this.#byKey.get(key)];
    this.#allocations.set(idx, { key, workload, until, revoked: false });
    this.#byKey.set(key, idx);
    if (before?.revoked) this.#revision = nextRevision();
    return () => {
      if (before) this.#allocations.set(idx, before);
      else this.#allocations.delete(idx);
      if (newest === undefined) this.#byKey.delete(key);
      else this.#byKey.set(key, newest);
      if (before?.revoked) this.#revision = nextRevision();
    };
  }

  #mark(indexes: readonly number[]): Undo {
    const marked = indexes.flatMap((idx) => this.#allocations.get(idx) ?? []).filter(({ revoked }) => !revoked);
    for (const each of marked) each.revoked = true;
    this.#revision = nextRevision();
    return () => {
      for (const each of marked) each.revoked = false;
      this.#revision = nextRevision();
    };
  }

  #add({ key, workload }: Revocable): Undo {
    const [members, member] = key === undefined ? [this.#revokedWorkloads, workload] : [this.#revokedKeys, key];
    if (members.has(member)) return () => {};
    members.add(member);
    return () => members.delete(member);
  }

  #reinstate({ key, workload }: Revocable): Undo {
    const [members, member] = key === undefined ? [this.#revokedWorkloads, workload] : [this.#revokedKeys, key];
    if (!members.delete(member)) return () => {};
    return () => members.add(member);
  }
}

/** Writes changes as the text of one entry. */
export function writeChanges(changes: readonly RegisterChange[]): string {
  return JSON.stringify({ version: VERSION, changes });
}

/** Reads what `writeChanges` wrote. @throws AttestationError `ERR_REVOCATION_UNAVAILABLE` for anything else. */
export function readChanges(stored: string): readonly RegisterChange[] {
  return listIn(readObject(stored)["changes"]).map((change) => {
    if (!isChange(change)) throw unread();
    return change;
  });
}

function isChange(value: unknown): value is RegisterChange {
  const { take, key, workload, until, revoke, at, reinstate } = (value ?? {}) as Record<string, unknown>;
  if (revoke !== undefined) return isRevocable(revoke) && isTime(at);
  if (take === undefined) return isRevocable(reinstate);
  const isNamed = typeof key === "string" && (workload === undefined || typeof workload === "string");
  return isNamed && isTime(take) && isTime(until);
}

/** A time, or an index: a whole number that is not negative. */
function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isRevocable(value: unknown): value is Revocable {
  const { key, workload } = (value ?? {}) as Record<string, unknown>;
  return (typeof key === "string") !== (typeof workload === "string");
}

function text(value: unknown): string {
  if (typeof value !== "string") throw unread();
  return value;
}

function readObject(stored: string): Record<string, unknown> {
  const { value } = decodeStrictJson(new TextEncoder().encode(stored), DEPTH);
  if (typeof value === "object" && value !== null && (value as { version?: unknown }).version === VERSION) {
    return value as Record<string, unknown>;
  }
  throw unread();
}

function listIn(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw unread();
  return value;
}

function unread(): AttestationError {
  return new AttestationError("ERR_REVOCATION_UNAVAILABLE", "What is stored is not a status register of this version");
}
