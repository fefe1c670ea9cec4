import { AttestationError, decodeStrictJson } from "@attest/core";

/** The members of a document that holds keys. */
export interface KeyList {
  readonly keys: readonly unknown[];
  readonly [member: string]: unknown;
}

/**
 * Reads a JSON object with an array of keys (RFC 7517 §5).
 *
 * @param document What the error calls it. @throws AttestationError `ERR_KEY_FORMAT` for anything else, and for more than
 * `maxKeys` keys (K5).
 */
export function readKeyList(body: Uint8Array, maxKeys: number, document: string): KeyList {
  const { value } = decodeStrictJson(body);
  const { keys } = (value ?? {}) as { keys?: unknown };
  if (!Array.isArray(keys)) throw formatError(document, "is not a JSON object with an array of keys");
  if (keys.length > maxKeys) throw formatError(document, `has more than ${maxKeys} keys`);
  return value as KeyList;
}

/** A document that is not one of keys, or breaks a rule of its kind. Names nothing of it. */
export function formatError(document: string, problem: string): AttestationError {
  return new AttestationError("ERR_KEY_FORMAT", `The ${document} ${problem}`);
}
