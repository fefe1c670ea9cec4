import type { ParsedDocument } from "@attest/remote-documents";
import type { ImportKey } from "./key-set.ts";
import { type KeySet, vetKeys } from "./key-set.ts";
import { readKeyList } from "./read-key-list.ts";

/**
 * Reads a JWK set (RFC 7517 §5).
 *
 * @throws AttestationError `ERR_KEY_FORMAT` for anything that is not a key set, or one of more than `maxKeys` (K5).
 */
export async function readJwks(
  body: Uint8Array,
  maxKeys: number,
  importKey: ImportKey,
): Promise<ParsedDocument<KeySet>> {
  return { value: await vetKeys(readKeyList(body, maxKeys, "JWKS").keys, importKey) };
}
