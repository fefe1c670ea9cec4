/** Sets what is signed to prove possession apart from everything else that the key could ever sign. */
const PREFIX = "io.github.attest/possession/2";

/**
 * The bytes that an agent signs to prove to one authority that it holds a key (possession form 2): they name that
 * authority, so that no other can pass the signature on.
 *
 * @param address Of the authority's `/attestations`, as the client has it configured.
 */
export function possessionInput2(challenge: string, address: string): Uint8Array {
  return new TextEncoder().encode(`${PREFIX}\n${address}\n${challenge}`);
}
