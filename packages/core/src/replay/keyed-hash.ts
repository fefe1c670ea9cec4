/** What is hashed: the four words of a replay key, then the word that ends 16 bytes, then what the last rounds take in. */
export type HashedWords = Int32Array;

/** Words to hash, the key's own still zero. */
export function hashedWords(): HashedWords {
  return Int32Array.of(0, 0, 0, 0, 16 << 24, 0, 0, 0);
}

/** Drawn at the first use: some platforms have no random bits while modules are loaded. */
let secret: Int32Array | undefined;

/**
 * Places a replay key in a table by 32 bits that its 128 bits and a random secret of this process decide: HalfSipHash-1-3,
 * the keyed hash that operating systems use for tables of what strangers choose.
 *
 * The key alone must not decide (R16). It is the SHA-256 of values that the agent chooses, so an agent can try values until
 * 80,000 keys agree in the bits that a table looks at, and each of them would be compared with all others. Without the
 * secret nobody can tell which keys will meet. The only sign of it that leaves the process is time: one more comparison
 * takes nanoseconds of a verification that takes a hundred microseconds, and says at most that some of 64 secret bits,
 * mixed with 128 others, came out alike.
 */
export function keyedHash(words: HashedWords): number {
  secret ??= crypto.getRandomValues(new Int32Array(2));
  const k0 = secret[0] as number;
  const k1 = secret[1] as number;
  let v0 = k0;
  let v1 = k1;
  let v2 = 0x6c796765 ^ k0;
  let v3 = 0x74656462 ^ k1;
  // One round for each of five words; three more, without a word, at the end.
  for (let round = 0; round < 8; round++) {
    const word = words[round] as number;
    if (round === 5) v2 ^= 0xff;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  return v1 ^ v3;
}
