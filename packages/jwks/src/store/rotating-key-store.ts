import {
  AttestationError,
  assertObserver,
  type Clock,
  callable,
  KeyPair,
  notify,
  type Observer,
  type OptionNames,
  oneOf,
  optionError,
  type PublicJwk,
  refuseUnknownOptions,
  SIGNING_ALGORITHMS,
  type Signer,
  type SigningAlgorithm,
  systemClock,
  wholeNumber,
} from "@attest/core";
import { activeAt, advance, type Change, foundRing, type KeyRing, publishedAt, remove, rotate } from "./key-ring.ts";
import { readKeyRing, writeKeyRing } from "./key-ring-text.ts";
import type { KeyStorage } from "./key-storage.ts";

/** A JSON Web Key Set (RFC 7517 §5) of public keys. */
export interface Jwks {
  /** The keys, each with its `kid`. */
  readonly keys: readonly PublicJwk[];
}

/** The result of a rotation on demand. */
export interface PlannedRotation {
  /** The key that signs from then on. */
  readonly kid: string;
  /** Unix seconds: now, or a time to come. */
  readonly signsFrom: number;
}

/** How an authority's keys are kept and rotated. Durations are seconds. */
export interface RotatingKeyStoreOptions {
  /** Where the keys are kept; several processes may share it. */
  readonly storage: KeyStorage;
  /** Of new keys. Default `Ed25519`. */
  readonly algorithm?: SigningAlgorithm;
  /** How long a key signs, from `publishAhead` to ten years. Default 2592000 (30 days). */
  readonly rotateEvery?: number;
  /** How long a key is published before it signs, at least: verifiers must have fetched it. From 120 to a week. Default 7200. */
  readonly publishAhead?: number;
  /** The longest that an attestation signed with these keys lives, from 1 to 3600. Default 3600. */
  readonly maxLifetime?: number;
  /** Unix seconds. Default: the machine's. */
  readonly clock?: Clock;
  /** Notified when a key changes its state. Default: nobody. */
  readonly observer?: Observer;
}

const OPTIONS: OptionNames<RotatingKeyStoreOptions> = {
  storage: true,
  algorithm: true,
  rotateEvery: true,
  publishAhead: true,
  maxLifetime: true,
  clock: true,
  observer: true,
};

/** Added to a key's retention: the largest tolerance of a verifier's clock, and a minute for processes to notice. */
const RETENTION_MARGIN = 360;
/** How often a store looks for what other processes changed and for steps that are due, in milliseconds. */
const REFRESH_MS = 1000;
/** How often a change is tried again because another process was first. */
const MAX_ATTEMPTS = 50;

/**
 * An authority's signing keys, rotated without a refusal: each key is published for a while, then signs, then stays
 * published until nothing it signed is valid any more. There is always a published key in reserve, so that one that is
 * compromised can be replaced at once.
 *
 * Hand it to `AttestationIssuer` as its signer and to `createJwksHandler`.
 */
export class RotatingKeyStore {
  /** How long a key is published before it signs, at least, in seconds. */
  readonly publishAhead: number;
  readonly #options: Required<Pick<RotatingKeyStoreOptions, "storage" | "algorithm" | "clock">> &
    Pick<RotatingKeyStoreOptions, "observer">;
  readonly #schedule: { rotateEvery: number; publishAhead: number; retention: number };
  #text: string | undefined;
  #ring: KeyRing | undefined;
  #changes: Promise<void> = Promise.resolve();
  #refreshing: Promise<void> | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  private constructor(options: RotatingKeyStoreOptions) {
    refuseUnknownOptions(options, OPTIONS, "a key store");
    const { storage, algorithm = "Ed25519", rotateEvery = 2_592_000, publishAhead = 7200, observer } = options;
    if (typeof storage?.read !== "function" || typeof storage.replace !== "function") {
      throw optionError("storage", "must have the functions read and replace");
    }
    oneOf("algorithm", algorithm, SIGNING_ALGORITHMS);
    this.publishAhead = wholeNumber("publishAhead", publishAhead, 120, 604_800);
    this.#schedule = {
      publishAhead,
      rotateEvery: wholeNumber("rotateEvery", rotateEvery, publishAhead, 315_360_000),
      retention: wholeNumber("maxLifetime", options.maxLifetime ?? 3600, 1, 3600) + RETENTION_MARGIN,
    };
    assertObserver(observer);
    const clock = callable("clock", options.clock) ?? systemClock;
    this.#options = { storage, algorithm, clock, ...(observer && { observer }) };
  }

  /**
   * Takes up the keys that are stored, or makes the first ones.
   *
   * @throws AttestationError `ERR_OPTION`; `ERR_KEY_SOURCE_UNAVAILABLE` if the storage fails; `ERR_KEY_FORMAT` if what it
   * holds is not a key store's.
   */
  static async open(options: RotatingKeyStoreOptions): Promise<RotatingKeyStore> {
    const store = new RotatingKeyStore(options);
    await store.refresh();
    store.#timer = setInterval(() => store.refresh().catch(() => {}), REFRESH_MS);
    // A store does not keep a process alive. Only Node's timers have it.
    (store.#timer as { unref?(): void }).unref?.();
    return store;
  }

  /** The key that signs now. Ask for it again for every signature. */
  current(): Signer {
    return activeAt(this.#opened(), this.#now());
  }

  /** The public keys to publish now: the one that signs, the next one, and those whose signatures may still be about. */
  jwks(): Jwks {
    return { keys: structuredClone(publishedAt(this.#opened(), this.#now())) };
  }

  /**
   * Makes the next key the one that signs: at once if it has been published for `publishAhead`, else as soon as it has.
   * Resolves when that is stored. Other processes on the same storage follow within a second.
   *
   * @returns Which key signs, and from when on. @throws AttestationError as `open`.
   */
  async rotate(): Promise<PlannedRotation> {
    const turn = rotate(this.#schedule);
    let planned: PlannedRotation | undefined;
    await this.#change(async (ring, now, fresh) => {
      const after = await turn(ring, now, fresh);
      planned =
        after.active === ring.active
          ? { kid: after.next.kid, signsFrom: after.rotateAt }
          : { kid: after.active.kid, signsFrom: now };
      return after;
    });
    return planned as PlannedRotation;
  }

  /**
   * Removes a key at once, whatever it is doing: verifiers refuse what it signed as soon as they fetch the set again. If it
   * was signing, the next key signs from now on. If the storage itself was disclosed, remove both.
   *
   * @throws AttestationError `ERR_KEY_NOT_FOUND` if there is no such key, and as `open`.
   */
  async remove(kid: string): Promise<void> {
    const removal = remove(kid, this.#schedule);
    await this.#change((ring, now, fresh) => {
      if (!kidsOf(ring).includes(kid)) throw new AttestationError("ERR_KEY_NOT_FOUND", "The store has no such key");
      return removal(ring, now, fresh);
    });
  }

  /**
   * Takes up what other processes changed and takes the steps that are due. Happens every second by itself; call it where
   * a process may have been frozen in between.
   *
   * @throws AttestationError as `open`.
   */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#change((ring) => ring).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** Stops looking after the keys. What is published and signed from then on is what it knows. */
  close(): void {
    clearInterval(this.#timer);
  }

  /** Changes one after the other, so that nothing read before another change is taken up after it. */
  #change(change: Change): Promise<void> {
    const done = this.#changes.then(() => this.#apply(change));
    this.#changes = done.catch(() => {});
    return done;
  }

  /** Applies a change to what is stored, after the steps that are due, as often as it takes for nobody else to be first. */
  async #apply(change: Change): Promise<void> {
    const advanced = advance(this.#schedule);
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const text = await this.#storage((storage) => storage.read());
      if (text === undefined && this.#ring) {
        throw new AttestationError("ERR_KEY_SOURCE_UNAVAILABLE", "The key storage lost the keys it had");
      }
      if (text !== undefined && text !== this.#text) this.#take(text, await readKeyRing(text));
      const now = this.#now();
      const fresh = () => KeyPair.generate({ algorithm: this.#options.algorithm });
      const before = this.#ring;
      const ring = before ?? (await foundRing(now, fresh, this.#schedule));
      const after = await change(await advanced(ring, now, fresh), now, fresh);
      if (after === before) return;
      const next = await writeKeyRing(after);
      if (await this.#storage((storage) => storage.replace(text, next))) {
        this.#take(next, after);
        return this.#report(before, after);
      }
    }
    throw new AttestationError("ERR_KEY_SOURCE_UNAVAILABLE", "The key storage is changed by others all the time");
  }

  #take(text: string, ring: KeyRing): void {
    this.#text = text;
    this.#ring = ring;
  }

  /** Runs one operation of the storage. What others' storage throws may hold secrets, and is replaced. */
  async #storage<T>(operation: (storage: KeyStorage) => Promise<T>): Promise<T> {
    try {
      return await operation(this.#options.storage);
    } catch (error) {
      if (error instanceof AttestationError) throw error;
      throw new AttestationError("ERR_KEY_SOURCE_UNAVAILABLE", "The key storage failed");
    }
  }

  #report(before: KeyRing | undefined, after: KeyRing): void {
    const known = before ? kidsOf(before) : [];
    const kept = kidsOf(after);
    const published = kept.filter((kid) => !known.includes(kid));
    const retired = after.retained.filter(({ kid }) => !before?.retained.some((key) => key.kid === kid));
    const events = [
      ...published.map((kid) => ({ action: "published", kid }) as const),
      ...(before?.active.kid === after.active.kid ? [] : [{ action: "activated", kid: after.active.kid } as const]),
      ...retired.map(({ kid }) => ({ action: "retired", kid }) as const),
      ...known.filter((kid) => !kept.includes(kid)).map((kid) => ({ action: "removed", kid }) as const),
    ];
    for (const event of events) notify(this.#options.observer, { type: "key-rotation", ...event });
  }

  #opened(): KeyRing {
    if (!this.#ring) throw new AttestationError("ERR_KEY_SOURCE_UNAVAILABLE", "The key store was not opened");
    return this.#ring;
  }

  #now(): number {
    const now = Math.floor(this.#options.clock());
    if (!Number.isSafeInteger(now)) throw new AttestationError("ERR_CLOCK", "The key store's clock tells no time");
    return now;
  }
}

function kidsOf({ active, next, retained }: KeyRing): string[] {
  return [active.kid, next.kid, ...retained.map(({ kid }) => kid)];
}
