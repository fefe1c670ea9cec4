import { type Clock, decodeBase64url, encodeBase64url, optionError, type ReplayCache } from "@attest/core";
import { importSecretKey, randomBytes } from "#crypto";
import type { SecretKey } from "../crypto/platform.ts";

/** Seconds for which a challenge can be answered. */
export const CHALLENGE_LIFETIME = 60;

/** A flag byte, the expiry as 8 bytes, and 16 random bytes, followed by the HMAC. */
const EXPIRY_AT = 1;
const RANDOM_AT = 9;
const HEAD_BYTES = 25;
const TAG_BYTES = 32;
const FOR_ANY_KEY = 0;
const FOR_ONE_KEY = 1;
/** Sets these tags apart from whatever else the secret may come to authenticate. */
const PURPOSE = "io.github.attest/challenge/2";

/** What a challenge is for. */
export interface ChallengeBinding {
  readonly rule: string;
  /** The handle of the evidence that came with the request for it. */
  readonly evidence: string;
  /** Thumbprint of the key that will answer it, where the caller said so. */
  readonly keyThumbprint?: string | undefined;
}

/**
 * What agents sign to prove that they hold a key (SPEC-8.9). A challenge is for one rule, one piece of evidence, one key if
 * the caller named it, and one use; it lasts a minute.
 *
 * A challenge carries its own expiry and randomness, and an HMAC over both and what it is for, so nothing is stored when it is
 * made (A4). A used one is recorded until it expires. Replicas with the same secrets and a shared replay cache accept each
 * other's challenges. Nothing in it is secret, so it is authenticated and not encrypted.
 */
export class Challenges {
  readonly #keys: Promise<readonly SecretKey[]>;
  readonly #used: ReplayCache;
  readonly #clock: Clock;
  readonly #mayPredate: boolean;

  /**
   * @param options.secrets 32 random bytes or more each. The first makes challenges, all of them accept. @param options.used
   * Remembers which were used. @param options.mayPredate Whether another process may have made a challenge with these secrets
   * before the store of used ones was made.
   */
  constructor(options: { secrets: readonly Uint8Array[]; used: ReplayCache; clock: Clock; mayPredate: boolean }) {
    const { secrets, used, clock, mayPredate } = options;
    if (secrets.length === 0 || secrets.some((secret) => !(secret instanceof Uint8Array) || secret.length < 32)) {
      throw optionError("secrets", "must be a list of at least 32 random bytes each");
    }
    this.#keys = Promise.all(secrets.map(importSecretKey));
    this.#used = used;
    this.#clock = clock;
    this.#mayPredate = mayPredate;
  }

  async create(binding: ChallengeBinding): Promise<string> {
    const head = new Uint8Array(HEAD_BYTES);
    head.set(randomBytes(HEAD_BYTES - RANDOM_AT), RANDOM_AT);
    head[0] = binding.keyThumbprint === undefined ? FOR_ANY_KEY : FOR_ONE_KEY;
    new DataView(head.buffer).setBigUint64(EXPIRY_AT, BigInt(this.#now() + CHALLENGE_LIFETIME));
    const [key] = await this.#keys;
    const tag = await (key as SecretKey).tag(authenticated(head, binding));
    const challenge = new Uint8Array(HEAD_BYTES + TAG_BYTES);
    challenge.set(head);
    challenge.set(tag, HEAD_BYTES);
    return encodeBase64url(challenge);
  }

  /**
   * Uses a challenge up. Whether it was made for this, has not expired and was not used before.
   *
   * @throws AttestationError as the replay cache, where it cannot tell.
   */
  async use(challenge: string, binding: ChallengeBinding): Promise<boolean> {
    const decoded = decodeBase64url(challenge);
    if (decoded?.length !== HEAD_BYTES + TAG_BYTES) return false;
    const bytes = new Uint8Array(decoded);
    const head = bytes.subarray(0, HEAD_BYTES);
    const made = head[0] === FOR_ONE_KEY ? binding : { ...binding, keyThumbprint: undefined };
    if (!(await this.#wasMadeHere(authenticated(head, made), bytes.subarray(HEAD_BYTES)))) return false;
    const now = this.#now();
    const expiresAt = Number(new DataView(bytes.buffer).getBigUint64(EXPIRY_AT));
    const issuedAt = expiresAt - CHALLENGE_LIFETIME;
    if (now >= expiresAt) return false;
    const use = {
      key: encodeBase64url(head.subarray(RANDOM_AT)),
      now,
      issuedAt,
      expiresAt,
      ...(this.#mayPredate && { notBefore: issuedAt }),
      holder: binding.evidence,
      clockTolerance: 0,
      nodeSkew: 0,
    };
    // Anything but an explicit `true` is a repetition.
    return (await this.#used.consume(use)) === true;
  }

  async #wasMadeHere(text: string, tag: Uint8Array): Promise<boolean> {
    for (const key of await this.#keys) {
      if (await key.isTag(text, tag)) return true;
    }
    return false;
  }

  #now(): number {
    return Math.floor(this.#clock());
  }
}

/** What the HMAC covers: JSON keeps the parts apart whatever is in them. */
function authenticated(head: Uint8Array, { rule, evidence, keyThumbprint }: ChallengeBinding): string {
  return JSON.stringify([PURPOSE, encodeBase64url(head), rule, evidence, keyThumbprint ?? null]);
}
