// RFC 8032 §5.1: encodings are little-endian; the top bit of the last byte is the sign of x, not part of y.

/** p = 2^255 − 19. */
const P = littleEndian("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed");
/** L, the order of the base point. */
const L = littleEndian("1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed");

/** The y of every point of small order (1, 2, 4 and 8) in its canonical encoding. */
const SMALL_ORDER_Y = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000001",
  "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec",
  "05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826",
  "7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7",
].map(littleEndian);

/**
 * Whether 32 bytes are a point that must not be used as a key or as the R of a signature: of small order, or with y ≥ p.
 * Node 20 and 22 accept such keys and then verify trivial signatures, so it is decided here (K2).
 */
export function isUnsafePoint(encoding: Uint8Array): boolean {
  if (!isLess(encoding, P, 0x7f)) return true;
  for (const y of SMALL_ORDER_Y) if (isPoint(encoding, y)) return true;
  return false;
}

/** Whether an encoding's y is this one, from the last byte on, where most differ; copies nothing. */
function isPoint(encoding: Uint8Array, y: Uint8Array): boolean {
  if (((encoding[31] as number) & 0x7f) !== y[31]) return false;
  for (let i = 30; i >= 0; i--) if (encoding[i] !== y[i]) return false;
  return true;
}

/** Whether the S half of a signature is below the group order; a greater one is a second spelling of the same signature (K1). */
export function isCanonicalScalar(scalar: Uint8Array): boolean {
  return isLess(scalar, L);
}

/** Compares 32 bytes, the last of `a` under a mask. */
function isLess(a: Uint8Array, b: Uint8Array, mask = 0xff): boolean {
  const last = ((a[31] as number) & mask) - (b[31] as number);
  if (last !== 0) return last < 0;
  for (let i = 30; i >= 0; i--) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function littleEndian(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16)).reverse();
}
