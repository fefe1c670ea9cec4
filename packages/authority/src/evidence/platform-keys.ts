import { AttestationError, type MaybePromise } from "@attest/core";
import { importPlatformKey } from "#crypto";
import type { EvidenceAlgorithm } from "../crypto/evidence-algorithms.ts";
import type { PlatformKey } from "../crypto/platform.ts";
import { fits, isUsable, type KeyUse, type PublishedJwk, reduced } from "./platform-jwk.ts";

const MAX_KEYS = 100;

/** The keys of one set that may verify evidence. Each is prepared when a token first names it. */
export class PlatformKeys {
  readonly #jwks: readonly PublishedJwk[];
  readonly #kids: ReadonlySet<string>;
  /** By algorithm and `kid`, of those that are in the set. */
  readonly #prepared = new Map<string, MaybePromise<PlatformKey | undefined>>();

  /** @throws AttestationError `ERR_KEY_FORMAT` unless it is a set of at most 100 keys (K5). */
  constructor(value: unknown, use: KeyUse) {
    const { keys } = (value ?? {}) as { keys?: unknown };
    if (!Array.isArray(keys)) throw formatError("is not a JSON object with an array of keys");
    if (keys.length > MAX_KEYS) throw formatError(`has more than ${MAX_KEYS} keys`);
    this.#jwks = keys.filter((jwk: unknown) => isUsable(jwk, use)).map((jwk) => ({ ...jwk }));
    this.#kids = new Set(this.#jwks.map(({ kid }) => kid));
  }

  /** How many keys have names of their own. */
  get size(): number {
    return this.#kids.size;
  }

  /** Whether there is a key of that name, for whatever algorithm. */
  has(kid: string): boolean {
    return this.#kids.has(kid);
  }

  /** The one key of that name for an algorithm; `undefined` if the set has no such key, or several. */
  find(kid: string, algorithm: EvidenceAlgorithm): MaybePromise<PlatformKey | undefined> {
    if (!this.#kids.has(kid)) return undefined;
    const name = `${algorithm} ${kid}`;
    if (!this.#prepared.has(name)) this.#prepared.set(name, this.#prepare(kid, algorithm));
    return this.#prepared.get(name);
  }

  #prepare(kid: string, algorithm: EvidenceAlgorithm): MaybePromise<PlatformKey | undefined> {
    const [jwk, ...others] = this.#jwks.filter((each) => each.kid === kid && fits(each, algorithm));
    if (!jwk || others.length > 0) return undefined;
    try {
      const key: MaybePromise<PlatformKey> = importPlatformKey(reduced(jwk), algorithm);
      return key instanceof Promise ? key.catch(() => undefined) : key;
    } catch {
      // It has the members of a key, and is not one.
      return undefined;
    }
  }
}

function formatError(problem: string): AttestationError {
  return new AttestationError("ERR_KEY_FORMAT", `The platform's key set ${problem}`);
}
