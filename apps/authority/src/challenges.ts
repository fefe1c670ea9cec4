import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { type Clock, decodeBase64url, encodeBase64url, type ReplayCache } from "@attest/core";

/** Seconds for which a challenge can be answered. */
export const CHALLENGE_LIFETIME = 60;

const EXPIRY_BYTES = 8;
const RANDOM_BYTES = 16;
const HEAD_BYTES = EXPIRY_BYTES + RANDOM_BYTES;
const TAG_BYTES = 32;
/** Sets these tags apart from whatever else the secret may come to authenticate. */
const PURPOSE = "io.github.attest/challenge/1";

/**
 * What agents sign to prove that they hold a key. A challenge is for one workload and one use, and lasts a minute.
 *
 * A challenge carries its own expiry and randomness, and an HMAC over both and the workload, so nothing is stored when it is
 * issued. A used one is recorded until it expires. Replicas with the same secret and a shared replay cache accept each
 * other's challenges.
 */
export class Challenges {
  readonly #secret: Uint8Array;
  readonly #used: ReplayCache;
  readonly #clock: Clock;

  /** @param options.secret At least 32 random bytes. @param options.used Remembers which were used. */
  constructor(options: { secret: Uint8Array; used: ReplayCache; clock: Clock }) {
    const { secret, used, clock } = options;
    if (secret.length < 32) throw new Error("The secret for challenges must have at least 32 bytes");
    this.#secret = secret;
    this.#used = used;
    this.#clock = clock;
  }

  create(workload: string): string {
    const head = randomBytes(HEAD_BYTES);
    head.writeBigUInt64BE(BigInt(this.#now() + CHALLENGE_LIFETIME));
    return encodeBase64url(Buffer.concat([head, this.#tag(workload, head)]));
  }

  /**
   * Uses a challenge up. Whether it was made here for this workload, has not expired and was not used before.
   *
   * @throws AttestationError as the replay cache, where it cannot tell.
   */
  async use(workload: string, challenge: string): Promise<boolean> {
    const bytes = decodeBase64url(challenge);
    if (bytes?.length !== HEAD_BYTES + TAG_BYTES) return false;
    const head = Buffer.from(bytes.subarray(0, HEAD_BYTES));
    if (!timingSafeEqual(this.#tag(workload, head), bytes.subarray(HEAD_BYTES))) return false;
    const now = this.#now();
    const expiresAt = Number(head.readBigUInt64BE());
    if (now >= expiresAt) return false;
    const use = {
      key: encodeBase64url(head.subarray(EXPIRY_BYTES)),
      now,
      issuedAt: expiresAt - CHALLENGE_LIFETIME,
      expiresAt,
      holder: workload,
      clockTolerance: 0,
      nodeSkew: 0,
    };
    // Anything but an explicit `true` is a repetition.
    return (await this.#used.consume(use)) === true;
  }

  #tag(workload: string, head: Uint8Array): Buffer {
    return createHmac("sha256", this.#secret).update(`${PURPOSE}\n${workload}\n`).update(head).digest();
  }

  #now(): number {
    return Math.floor(this.#clock());
  }
}
