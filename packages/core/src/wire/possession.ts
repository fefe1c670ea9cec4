import { NAMESPACE } from "../jose/digest.ts";

/** Sets what is signed to prove possession apart from everything else that the key could ever sign. */
const PREFIX = `${NAMESPACE}/possession\n`;

/**
 * The bytes that an agent signs to prove to an authority that it holds a key, and that the authority verifies: a prefix
 * of this protocol and the authority's challenge, in UTF-8 (SPEC §8).
 */
export function possessionInput(challenge: string): Uint8Array {
  return new TextEncoder().encode(PREFIX + challenge);
}
