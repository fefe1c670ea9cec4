import {
  AttestationError,
  type AttestationErrorCode,
  isKid,
  type KeyProblem,
  type MaybePromise,
  type PublicJwk,
  type VerificationKey,
} from "@attest/core";

/**
 * Vets a JWK and prepares it for verification, as `importVerificationKey` does. Must throw an `AttestationError` for a key
 * that is not to be used: `ERR_KEY_PRIVATE` for private material, before anything else (K3); `ERR_KEY_UNSUPPORTED` for
 * another type. Must not dereference anything.
 */
export type ImportKey = (jwk: PublicJwk) => MaybePromise<VerificationKey>;

/** An issuer's key set, vetted and prepared. */
export interface KeySet {
  /** The keys that can be used, by their kids. */
  readonly keys: ReadonlyMap<string, VerificationKey>;
  /** Why the key or keys under a kid are not used. No kid is in both. */
  readonly unusable: ReadonlyMap<string, KeyProblem>;
  /** What is wrong with keys of the set, as `gravestFirst`. */
  readonly problems: readonly KeyProblem[];
}

/** Problems reported at most: a set may hold thousands of keys. */
const MAX_PROBLEMS = 20;

/** Problems that need action, the gravest first. Others are usual in a set that serves several purposes. */
const ALARMS: readonly AttestationErrorCode[] = ["ERR_KEY_PRIVATE", "ERR_KEY_WEAK", "ERR_KEY_DUPLICATE"];

/** The code of the gravest problem, if it needs action. */
export function alarmOf([gravest]: readonly KeyProblem[]): AttestationErrorCode | undefined {
  return ALARMS.find((code) => code === gravest?.code);
}

/**
 * Vets the keys of a set. Keys of unknown types, without a kid, malformed or not for signatures are passed over one by one.
 * So are private keys (K3), and their public halves elsewhere in the set, as those keys are disclosed.
 */
export async function vetKeys(jwks: readonly unknown[], importKey: ImportKey): Promise<KeySet> {
  const vetted = await Promise.all(jwks.map((jwk) => vet(jwk, importKey)));
  const disclosed = new Set(
    vetted.filter(({ problem }) => problem?.code === "ERR_KEY_PRIVATE").map(({ point }) => point),
  );
  const keys = new Map<string, VerificationKey>();
  const unusable = new Map<string, KeyProblem>();
  const problems: KeyProblem[] = [];
  const isOther = ({ problem }: Vetted) => problem?.code === "ERR_KEY_UNSUPPORTED";
  // Those of other types last: next to a key with the same kid, they are alternatives for others to use (RFC 7517 §4.5).
  for (const each of [...vetted.filter((one) => !isOther(one)), ...vetted.filter(isOther)]) {
    const { kid, found, problem = whyNot(each, disclosed) } = each;
    if (problem) problems.push(problem);
    if (kid === undefined) continue;
    if (!keys.has(kid) && !unusable.has(kid)) {
      if (problem) unusable.set(kid, problem);
      else if (found) keys.set(kid, found);
    } else if (!isOther(each)) {
      if (unusable.get(kid)?.code !== "ERR_KEY_DUPLICATE") problems.push(ambiguous(kid));
      keys.delete(kid);
      unusable.set(kid, ambiguous(kid));
    }
  }
  return { keys, unusable, problems: gravestFirst(problems) };
}

/** Kids that name another key than they did: what the new one signed was refused for as long as the old one was held. */
export function replacedKeys(before: KeySet, after: KeySet): KeyProblem[] {
  const replaced = [...after.keys].filter(([kid, { thumbprint }]) => {
    const held = before.keys.get(kid);
    return held !== undefined && held.thumbprint !== thumbprint;
  });
  return replaced.map(([kid]) => ({
    kid,
    code: "ERR_KEY_DUPLICATE",
    message: "This `kid` named another key until now: its issuer must not use a `kid` twice",
  }));
}

interface Vetted {
  readonly kid: string | undefined;
  /** What the private and the public half of a key have in common, as written. */
  readonly point: string | undefined;
  readonly found?: VerificationKey;
  readonly problem?: KeyProblem;
}

async function vet(jwk: unknown, importKey: ImportKey): Promise<Vetted> {
  const { kid: named, crv, x, n } = (typeof jwk === "object" && jwk !== null ? jwk : {}) as Record<string, unknown>;
  const kid = isKid(named) ? named : undefined;
  const [point] = [typeof x === "string" ? `${crv} ${x}` : n].filter((text) => typeof text === "string");
  try {
    return { kid, point, found: await importKey(jwk as PublicJwk) };
  } catch (error) {
    // An AttestationError repeats nothing of the key.
    const unread = { code: "ERR_KEY_FORMAT", message: "The JWK cannot be read" } as const;
    const { code, message } = error instanceof AttestationError ? error : unread;
    return { kid, point, problem: { ...(kid !== undefined && { kid }), code, message } };
  }
}

/** What keeps a well-formed key from being used. */
function whyNot({ kid, point }: Vetted, disclosed: ReadonlySet<string | undefined>): KeyProblem | undefined {
  if (point !== undefined && disclosed.has(point)) {
    const message = "The set publishes the private half of this key; it must be considered disclosed";
    return { ...(kid !== undefined && { kid }), code: "ERR_KEY_PRIVATE", message };
  }
  if (kid === undefined) return { code: "ERR_KEY_FORMAT", message: "The JWK has no `kid` for attestations to name" };
  return undefined;
}

function ambiguous(kid: string): KeyProblem {
  return { kid, code: "ERR_KEY_DUPLICATE", message: "Several keys of the set have this `kid`" };
}

/** As many of the problems as are reported. */
export function gravestFirst(problems: readonly KeyProblem[]): readonly KeyProblem[] {
  return [...problems].sort((one, other) => gravity(one) - gravity(other)).slice(0, MAX_PROBLEMS);
}

function gravity({ code }: KeyProblem): number {
  const rank = ALARMS.indexOf(code);
  return rank === -1 ? ALARMS.length : rank;
}
