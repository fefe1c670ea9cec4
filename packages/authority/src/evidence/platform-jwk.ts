import { isKid } from "@attest/core";
import { EVIDENCE_ALGORITHMS, type EvidenceAlgorithm, MIN_RSA_BITS } from "../crypto/evidence-algorithms.ts";
import type { PlatformJwk } from "../crypto/platform.ts";

/** What stands in `use` of the keys for one purpose: `sig`, or `jwt-svid` in SPIFFE bundles. */
export type KeyUse = "sig" | "jwt-svid";

/** A JWK as a platform publishes it, whose `kid` and type are known to be right. */
export type PublishedJwk = PlatformJwk & { readonly kid: string; readonly alg?: unknown; readonly key_ops?: unknown };

const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
const SUPPORTED: ReadonlySet<string> = new Set(["EC P-256", "EC P-384", "EC P-521", "OKP Ed25519"]);

/**
 * Whether a member of a key set may verify evidence. Private, symmetric, weak and unknown keys, and those for another use, may
 * not (K3, K6).
 */
export function isUsable(value: unknown, use: KeyUse): value is PublishedJwk {
  if (typeof value !== "object" || value === null) return false;
  const jwk = value as Readonly<Record<string, unknown>>;
  if (!isKid(jwk["kid"])) return false;
  if (PRIVATE_MEMBERS.some((member) => Object.hasOwn(jwk, member))) return false;
  if (jwk["use"] === undefined ? use !== "sig" : jwk["use"] !== use) return false;
  if (jwk["kty"] === "RSA") return typeof jwk["n"] === "string" && jwk["n"].length * 6 >= MIN_RSA_BITS;
  return SUPPORTED.has(`${jwk["kty"]} ${jwk["crv"]}`);
}

/** Whether a key may be used with an algorithm: it is of its type and curve, and names no other (A5). */
export function fits(jwk: PublishedJwk, algorithm: EvidenceAlgorithm): boolean {
  const { kty, crv } = EVIDENCE_ALGORITHMS[algorithm];
  const { alg, key_ops: operations } = jwk;
  if (jwk.kty !== kty || (crv !== undefined && jwk.crv !== crv)) return false;
  if (alg !== undefined && alg !== algorithm) return false;
  return !Array.isArray(operations) || operations.includes("verify");
}

/** The key itself, without what is said of it. */
export function reduced({ kty, crv, x, y, n, e }: PublishedJwk): PlatformJwk {
  if (kty === "RSA") return { kty, ...(n !== undefined && { n }), ...(e !== undefined && { e }) };
  return {
    kty,
    ...(crv !== undefined && { crv }),
    ...(x !== undefined && { x }),
    ...(y !== undefined && { y }),
  };
}
