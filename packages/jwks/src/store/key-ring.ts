import type { KeyPair, PublicJwk } from "@attest/core";

/** When keys change. Seconds. */
export interface Schedule {
  /** How long a key is the active one. */
  readonly rotateEvery: number;
  /** How long a key is published before its first use, at least. */
  readonly publishAhead: number;
  /** How long a key stays published after its last use. */
  readonly retention: number;
}

/** A key that signs no longer, and of which only the public half is left. */
export interface RetainedKey {
  readonly jwk: PublicJwk;
  readonly kid: string;
  /** Unix seconds. */
  readonly until: number;
}

/**
 * The keys of an authority at one time: one that signs, one that is published and signs next, and those whose signatures
 * are still about. The time of the next change is part of it, so that every process that has read it changes at that time.
 */
export interface KeyRing {
  readonly active: KeyPair;
  readonly next: KeyPair;
  readonly nextPublishedAt: number;
  /** When `next` becomes active. Never less than `publishAhead` after its publication. */
  readonly rotateAt: number;
  readonly retained: readonly RetainedKey[];
}

/** A change of the ring. `fresh` makes a new key where one is needed. */
export type Change = (ring: KeyRing, now: number, fresh: () => Promise<KeyPair>) => Promise<KeyRing> | KeyRing;

/** The key that signs at a time. */
export function activeAt(ring: KeyRing, now: number): KeyPair {
  return now >= ring.rotateAt ? ring.next : ring.active;
}

/** Every public key at a time, the one that signs first. */
export function publishedAt(ring: KeyRing, now: number): PublicJwk[] {
  const own = now >= ring.rotateAt ? [ring.next, ring.active] : [ring.active, ring.next];
  const retained = ring.retained.filter(({ until }) => now < until);
  return [...own.map((key) => key.toJwk()), ...retained.map(({ jwk }) => jwk)];
}

/** The first ring of an authority. Nobody knows a key of it yet, so its first active key signs at once. */
export async function foundRing(now: number, fresh: () => Promise<KeyPair>, schedule: Schedule): Promise<KeyRing> {
  const [active, next] = await Promise.all([fresh(), fresh()]);
  return { active, next, nextPublishedAt: now, rotateAt: now + schedule.rotateEvery, retained: [] };
}

/** Takes the steps that are due: the planned rotation, and the removal of keys whose time is over. */
export function advance(schedule: Schedule): Change {
  return async (ring, now, fresh) => {
    const rotated = now >= ring.rotateAt ? await succeed(ring, now, fresh, schedule, true) : ring;
    const retained = rotated.retained.filter(({ until }) => now < until);
    return retained.length === rotated.retained.length ? rotated : { ...rotated, retained };
  };
}

/** Makes the next key the active one: at once if it has been published for long enough, or else as soon as it has. */
export function rotate(schedule: Schedule): Change {
  return (ring, now, fresh) => {
    const earliest = ring.nextPublishedAt + schedule.publishAhead;
    if (now >= earliest) return succeed(ring, now, fresh, schedule, true);
    return earliest < ring.rotateAt ? { ...ring, rotateAt: earliest } : ring;
  };
}

/** Takes a key out of the ring at once, unless it has no such key. */
export function remove(kid: string, schedule: Schedule): Change {
  return async (ring, now, fresh) => {
    if (ring.active.kid === kid) return succeed(ring, now, fresh, schedule, false);
    if (ring.next.kid === kid) {
      const rotateAt = Math.max(ring.rotateAt, now + schedule.publishAhead);
      return { ...ring, next: await fresh(), nextPublishedAt: now, rotateAt };
    }
    const retained = ring.retained.filter((key) => key.kid !== kid);
    return retained.length === ring.retained.length ? ring : { ...ring, retained };
  };
}

async function succeed(
  ring: KeyRing,
  now: number,
  fresh: () => Promise<KeyPair>,
  { rotateEvery, retention }: Schedule,
  retain: boolean,
): Promise<KeyRing> {
  const { active, next, retained } = ring;
  const retired = { jwk: active.toJwk(), kid: active.kid, until: now + retention };
  return {
    active: next,
    next: await fresh(),
    nextPublishedAt: now,
    rotateAt: now + rotateEvery,
    retained: retain ? [...retained, retired] : retained,
  };
}
