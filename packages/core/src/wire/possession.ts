import { optionError } from "../errors.ts";
import { isAbsoluteUri } from "./absolute-uri.ts";
import { NAMESPACE } from "./names.ts";

/** Sets what is signed to prove possession apart from everything else that the key could ever sign. */
const PREFIX = `${NAMESPACE}/possession`;

/**
 * The bytes that an agent signs to prove to an authority that it holds a key, and that the authority verifies (SPEC-8.9):
 * three lines in UTF-8, a prefix of this protocol, the authority's address and its challenge. The address keeps an authority
 * from having an agent answer the challenge of another.
 *
 * @param challenge As the authority sent it.
 * @param authority The address at which attestations are asked for: as the agent has it configured, and as the authority knows
 * it. An absolute URI.
 * @throws AttestationError `ERR_OPTION` unless the address is an absolute URI.
 */
export function possessionInput(challenge: string, authority: string): Uint8Array;
/** @deprecated Names no authority. Pass the authority's address; for the form of 0.2.0 use `possessionInput1`. */
export function possessionInput(challenge: string): Uint8Array;
export function possessionInput(challenge: string, ...rest: [authority?: string]): Uint8Array {
  // An address that is there and `undefined` is a mistake, and no wish for the weaker form.
  if (rest.length === 0) return possessionInput1(challenge);
  const [authority] = rest;
  if (!isAbsoluteUri(authority))
    throw optionError("authority", "must be the absolute URI at which attestations are asked for");
  return new TextEncoder().encode(`${PREFIX}/2\n${authority}\n${challenge}`);
}

/**
 * The same in the form of 0.2.0, which names no authority (SPEC-8.17): for agents of authorities that offer no other, and for
 * authorities that still accept it by configuration.
 *
 * @deprecated Will be removed in the version after 0.3.
 */
export function possessionInput1(challenge: string): Uint8Array {
  return new TextEncoder().encode(`${PREFIX}\n${challenge}`);
}
