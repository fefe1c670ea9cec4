import {
  AttestationError,
  type AttestationErrorCode,
  decodeStrictJson,
  importVerificationKey,
  isKid,
  type PublicJwk,
  type VerificationKey,
} from "@attest/core";

/** What an issuer's set says about a kid: a key, that it names several (K4), or that what it names must not be used. */
type KeySetEntry = VerificationKey | "ambiguous" | "refused";

/** An issuer's key set, vetted and prepared. */
export interface KeySet {
  readonly entries: ReadonlyMap<string, KeySetEntry>;
  /** How many keys of it can be used. */
  readonly usable: number;
  /** The gravest problem of a key in it. Such keys are not usable; the others are. */
  readonly alarm: AttestationErrorCode | undefined;
}

/** The gravest first. */
const ALARMS: readonly AttestationErrorCode[] = ["ERR_KEY_PRIVATE", "ERR_KEY_WEAK", "ERR_KEY_DUPLICATE"];

/**
 * Reads a JWKS (RFC 7517 §5). Keys of unknown types, without a kid, malformed or not for signatures are passed over one
 * by one. So are private keys (K3), and their public halves elsewhere in the set, as those keys are disclosed.
 *
 * @throws AttestationError `ERR_KEY_FORMAT` for anything that is not a key set, or one of more than `maxKeys` (K5).
 */
export async function readKeySet(body: Uint8Array, maxKeys: number): Promise<KeySet> {
  const { value } = decodeStrictJson(body);
  const keys = (value as { keys?: unknown } | null | undefined)?.keys;
  if (!Array.isArray(keys)) throw formatError("is not a JSON object with an array of keys");
  if (keys.length > maxKeys) throw formatError(`has more than ${maxKeys} keys`);
  const vetted = await Promise.all(keys.map(vet));
  const disclosed = new Set(vetted.filter(({ found }) => found === "ERR_KEY_PRIVATE").map(({ point }) => point));
  const problems = new Set<AttestationErrorCode>();
  const entries = new Map<string, KeySetEntry>();
  for (const { kid, point, found } of vetted) {
    // Under the kid of another key it is an alternative for others to use (RFC 7517 §4.5), and not ambiguous.
    if (found === "ERR_KEY_UNSUPPORTED") continue;
    const refused = typeof found === "string" || (point !== undefined && disclosed.has(point));
    if (typeof found === "string") problems.add(found);
    if (kid === undefined) continue;
    const ambiguous = entries.has(kid);
    if (ambiguous) problems.add("ERR_KEY_DUPLICATE");
    entries.set(kid, ambiguous ? "ambiguous" : refused ? "refused" : found);
  }
  const usable = [...entries.values()].filter((entry) => typeof entry === "object").length;
  return { entries, usable, alarm: ALARMS.find((code) => problems.has(code)) };
}

interface Vetted {
  readonly kid: string | undefined;
  /** What two spellings of one key have in common. */
  readonly point: string | undefined;
  readonly found: VerificationKey | AttestationErrorCode;
}

async function vet(jwk: unknown): Promise<Vetted> {
  const { kid, crv, x } = (typeof jwk === "object" && jwk !== null ? jwk : {}) as Record<string, unknown>;
  const found = await importVerificationKey(jwk as PublicJwk).catch((error: unknown) =>
    error instanceof AttestationError ? error.code : "ERR_KEY_FORMAT",
  );
  return { kid: isKid(kid) ? kid : undefined, point: typeof x === "string" ? `${crv} ${x}` : undefined, found };
}

function formatError(problem: string): AttestationError {
  return new AttestationError("ERR_KEY_FORMAT", `The JWKS ${problem}`);
}
