import { randomFillSync } from "node:crypto";

const LOWER_63_BITS = (1n << 63n) - 1n;
/** Drawn in one go: a call for each nonce would cost more than the rest of it. */
const pool = new BigUint64Array(512);
let left = 0;

/**
 * A random 63-bit number in decimal. Redis stores such text in the place of a pointer, so that it costs no memory of its
 * own, and gives it back character by character.
 */
export function nonce(): string {
  if (left === 0) {
    randomFillSync(pool);
    left = pool.length;
  }
  return String((pool[--left] as bigint) & LOWER_63_BITS);
}
