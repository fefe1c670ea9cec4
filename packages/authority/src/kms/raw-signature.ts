const SEQUENCE = 0x30;
const INTEGER = 0x02;
const SCALAR_BYTES = 32;

/** An ECDSA signature in DER (RFC 3279 §2.2.3) as r ‖ s of 32 bytes each; `undefined` for anything else. */
export function rawSignature(der: Uint8Array): Uint8Array | undefined {
  // Two integers of at most 33 bytes: every length is one byte.
  if (der[0] !== SEQUENCE || der[1] !== der.length - 2) return undefined;
  const raw = new Uint8Array(2 * SCALAR_BYTES);
  let at = 2;
  for (const end of [SCALAR_BYTES, 2 * SCALAR_BYTES]) {
    const length = der[at + 1] ?? 0;
    if (der[at] !== INTEGER || length === 0) return undefined;
    const integer = der.subarray(at + 2, at + 2 + length);
    const scalar = integer[0] === 0 ? integer.subarray(1) : integer;
    if (integer.length !== length || scalar.length > SCALAR_BYTES) return undefined;
    raw.set(scalar, end - scalar.length);
    at += 2 + length;
  }
  return at === der.length ? raw : undefined;
}
