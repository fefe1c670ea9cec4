function hex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

/** Ed25519 points of small order, in canonical and other encodings; the identity's trivial signature holds for every message. */
export const SMALL_ORDER_POINTS: Readonly<Record<string, Uint8Array>> = {
  "the identity": hex(`01${"00".repeat(31)}`),
  "the identity, its sign set": hex(`01${"00".repeat(30)}80`),
  "the identity, not reduced": hex(`ee${"ff".repeat(30)}7f`),
  "of order 2": hex(`ec${"ff".repeat(30)}7f`),
  "of order 4": hex("00".repeat(32)),
  "of order 4, not reduced": hex(`ed${"ff".repeat(30)}7f`),
};

/** R the identity, S zero. */
export function trivialSignature(): Uint8Array {
  const signature = new Uint8Array(64);
  signature[0] = 1;
  return signature;
}
