import { AttestationError, type Clock, decodeStrictJson, isKid, type MaybePromise, optionError } from "@attest/core";
import { DocumentClient, type DocumentClientOptions, RemoteDocument } from "@attest/remote-documents";
import { type CryptoKey, createLocalJWKSet, type JSONWebKeySet, type JWK, type JWTHeaderParameters } from "jose";

/** Where the keys of a platform are: at an address, or pasted, for platforms that the authority cannot reach. */
export interface KeyOptions {
  /** The address of the platform's JWK set. */
  readonly jwksUri?: string;
  /** The JWK set itself: public keys. */
  readonly jwks?: {
    /** Its keys, each a JWK. */
    readonly keys: readonly object[];
  };
  /** How `jwksUri` is fetched. Default: over HTTPS, from public addresses. */
  readonly fetching?: DocumentClientOptions;
  /** By which fetched keys age, Unix seconds. Default: the machine's. */
  readonly clock?: Clock;
}

/** Finds the key that a token names. */
export interface EvidenceKeys {
  /**
   * The platform's key for a token's header; `undefined` if it has none.
   *
   * @throws AttestationError `ERR_KEY_SOURCE_UNAVAILABLE` if that cannot be known now.
   */
  find(header: JWTHeaderParameters): Promise<CryptoKey | undefined>;
  close(): Promise<void>;
}

type KeySet = { readonly kids: ReadonlySet<string>; readonly find: ReturnType<typeof createLocalJWKSet> };

const MAX_KEYS = 100;
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
/** Bytes of an RSA modulus: 2048 bits. */
const MIN_MODULUS = 256;
const SUPPORTED: ReadonlySet<string> = new Set(["EC P-256", "EC P-384", "EC P-521", "OKP Ed25519"]);

/** What stands in `use` of the keys for one purpose: `sig`, or `jwt-svid` in SPIFFE bundles. */
type KeyUse = "sig" | "jwt-svid";

/**
 * The keys of a platform.
 *
 * @throws AttestationError `ERR_OPTION` unless exactly one of `jwksUri` and `jwks` is there, and good.
 */
export function evidenceKeys(options: KeyOptions, use: KeyUse = "sig"): EvidenceKeys {
  const { jwksUri, jwks, fetching, clock } = options;
  if ((jwksUri === undefined) === (jwks === undefined)) {
    throw optionError("jwks", "or jwksUri must be given, and not both: the keys themselves or their address");
  }
  if (jwks !== undefined) {
    const pasted = vetKeySet(jwks, use);
    if (pasted.kids.size === 0) throw optionError("jwks", "has no public key that can be used");
    return { find: async (header) => keyIn(pasted, header), close: async () => {} };
  }
  const client = new DocumentClient(fetching ?? {});
  const document = new RemoteDocument<KeySet>({
    client,
    url: jwksUri as string,
    urlOption: "jwksUri",
    accept: "application/jwk-set+json, application/json",
    parse: (body) => ({ value: vetKeySet(decodeStrictJson(body).value, use) }),
    code: "ERR_KEY_SOURCE_UNAVAILABLE",
    source: "The platform's key endpoint",
    unavailable: "The keys of the platform cannot be fetched",
    ...(clock && { clock }),
  });
  return {
    async find(header) {
      const kid = header.kid as string;
      const set: MaybePromise<KeySet | undefined> = document.find((keys) => (keys.kids.has(kid) ? keys : undefined));
      const found = await set;
      return found && keyIn(found, header);
    },
    close: () => client.close(),
  };
}

async function keyIn(keys: KeySet, header: JWTHeaderParameters): Promise<CryptoKey | undefined> {
  if (!keys.kids.has(header.kid as string)) return undefined;
  return keys.find(header as Parameters<KeySet["find"]>[0]).catch(() => undefined);
}

/**
 * The keys of a set that may verify evidence. Private, symmetric, weak and unknown keys, and those for another use, are passed
 * over (K3, K6).
 */
function vetKeySet(value: unknown, use: KeyUse): KeySet {
  const { keys } = (value ?? {}) as { keys?: unknown };
  if (!Array.isArray(keys)) throw formatError("is not a JSON object with an array of keys");
  if (keys.length > MAX_KEYS) throw formatError(`has more than ${MAX_KEYS} keys`);
  const good = keys.filter((jwk) => isUsable(jwk, use)).map(({ use: _, ...jwk }) => jwk);
  return {
    kids: new Set(good.map(({ kid }) => kid as string)),
    find: createLocalJWKSet({ keys: good } as JSONWebKeySet),
  };
}

function isUsable(jwk: JWK, use: KeyUse): boolean {
  if (typeof jwk !== "object" || jwk === null || !isKid(jwk.kid)) return false;
  if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member))) return false;
  if (jwk.use === undefined ? use !== "sig" : jwk.use !== use) return false;
  if (jwk.kty === "RSA") return typeof jwk.n === "string" && (jwk.n.length * 3) / 4 >= MIN_MODULUS;
  return SUPPORTED.has(`${jwk.kty} ${jwk.crv}`);
}

function formatError(problem: string): AttestationError {
  return new AttestationError("ERR_KEY_FORMAT", `The platform's key set ${problem}`);
}
