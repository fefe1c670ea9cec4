import { ATTESTATION_LIMITS, type JwsLimits } from "../jose/jws-limits.ts";
import type { SigningAlgorithm } from "../keys/algorithms.ts";
import type { ForeignAlgorithm } from "../keys/foreign-algorithms.ts";

/** The signature algorithms of SPIFFE's tokens, by their names in `alg` (RFC 7518 §3.3–3.5; JWT-SVID §2.1, WIT-SVID §2.3). */
export const SVID_ALGORITHMS: readonly (ForeignAlgorithm | SigningAlgorithm)[] = [
  "RS256",
  "RS384",
  "RS512",
  "ES256",
  "ES384",
  "ES512",
  "PS256",
  "PS384",
  "PS512",
];

/** What a token that is signed with one of them may look like: signatures from P-256 to RSA with 8192 bits. */
export const SVID_LIMITS: JwsLimits = { ...ATTESTATION_LIMITS, signature: { least: 64, most: 1024 } };
