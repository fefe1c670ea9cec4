import { AttestationError, type PublicJwk } from "@attest/core";
import type { ParsedDocument } from "@attest/remote-documents";
import type { ImportKey } from "./key-set.ts";
import { type KeySet, vetKeys } from "./key-set.ts";
import { formatError, type KeyList, readKeyList } from "./read-key-list.ts";

/** Seconds between fetches of a bundle without a refresh hint (SPIFFE Trust Domain and Bundle §5.1, SPIFFE Federation §4.1). */
const DEFAULT_REFRESH = 300;

/** The uses of keys that sign tokens (JWT-SVID §6, WIT-SVID §6). Which of them a token may be signed with is for its format to say. */
const TOKEN_USES: readonly unknown[] = ["jwt-svid", "wit-svid"];

/**
 * Reads a SPIFFE bundle (SPIFFE Trust Domain and Bundle §4) for the keys of its JWT-SVIDs and WIT-SVIDs.
 *
 * Keys for X.509-SVIDs are passed over silently; keys of another use, or of none, as unsupported. Private material is reported
 * for every use (K3). A bundle without keys is valid: its trust domain withdrew all of them.
 *
 * @throws AttestationError `ERR_KEY_FORMAT` for anything that is not a bundle, or one of more than `maxKeys` keys (K5).
 */
export async function readBundle(
  body: Uint8Array,
  maxKeys: number,
  importKey: ImportKey,
): Promise<ParsedDocument<KeySet>> {
  const bundle = readKeyList(body, maxKeys, "bundle");
  const version = integer(bundle, "spiffe_sequence");
  const ttl = integer(bundle, "spiffe_refresh_hint") ?? DEFAULT_REFRESH;
  const importSvidKey: ImportKey = async (jwk) => {
    const { use, ...unused } = jwk;
    // `use` names the kind of SVID here, in the place of what RFC 7517 says it means.
    if (TOKEN_USES.includes(use)) return importKey(jwk);
    await importKey(unused);
    throw new AttestationError("ERR_KEY_UNSUPPORTED", "The JWK has a `use` other than `jwt-svid` or `wit-svid`");
  };
  const forX509 = await Promise.all(bundle.keys.map((jwk) => isForX509(jwk, importSvidKey)));
  const keys = bundle.keys.filter((_, i) => !forX509[i]);
  return { value: await vetKeys(keys, importSvidKey), ttl, ...(version !== undefined && { version }) };
}

/** Whether a key is for X.509-SVIDs alone. One with private material is for nothing. */
async function isForX509(jwk: unknown, importSvidKey: ImportKey): Promise<boolean> {
  if ((jwk as Partial<PublicJwk> | null)?.use !== "x509-svid") return false;
  try {
    await importSvidKey(jwk as PublicJwk);
  } catch (error) {
    return (error as Partial<AttestationError>).code !== "ERR_KEY_PRIVATE";
  }
  return true;
}

function integer(bundle: KeyList, member: string): number | undefined {
  const value = bundle[member];
  if (value === undefined || Number.isInteger(value)) return value as number | undefined;
  throw formatError("bundle", `has a \`${member}\` that is not an integer`);
}
