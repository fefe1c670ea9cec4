import { NAMESPACE, possessionInput } from "@attest/core";

/**
 * The bytes that an agent signs to prove to an authority that it holds a key (SPEC-8.9): form 2, which names the
 * authority, so that another authority cannot pass its challenge on as its own; or form 1 without one.
 */
export function possessionInputFor(challenge: string, authority: string | undefined): Uint8Array {
  if (authority === undefined) return possessionInput(challenge);
  return new TextEncoder().encode(`${NAMESPACE}/possession/2\n${authority}\n${challenge}`);
}
