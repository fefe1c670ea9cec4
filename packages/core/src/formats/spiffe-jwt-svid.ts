import { digest } from "#crypto";
import { checkSoleAudience } from "../checks/audience.ts";
import { checkUnbound } from "../checks/claims.ts";
import { defineFormat } from "../checks/format-rules.ts";
import { checkAlgorithm, checkKid } from "../checks/header.ts";
import { checkIssuerAlgorithm, checkIssuerFormat, issuerOf } from "../checks/issuer.ts";
import { findKey } from "../checks/key.ts";
import { inOrder, type Order } from "../checks/order.ts";
import { type Refusal, refusal } from "../checks/refusal.ts";
import { checkRequiredClaims } from "../checks/required-claims.ts";
import { checkRevocation } from "../checks/revocation.ts";
import { checkSignature } from "../checks/signature.ts";
import type { Assessed, Recognised, SingleUse } from "../checks/statement.ts";
import { checkStatus } from "../checks/status.ts";
import { checkForeignLifetime, checkTimes, longestOf } from "../checks/times.ts";
import { readForeignClaims } from "../claims/foreign-claims.ts";
import type { RegisteredClaims } from "../claims/registered-claims.ts";
import { trustDomainOf } from "../claims/spiffe-id.ts";
import type { CompactJws } from "../jose/strict-jws.ts";
import { importForeignKey } from "../keys/foreign-key.ts";
import { after, type MaybePromise } from "../maybe-promise.ts";
import type { TokenFormat } from "../trust/token-format.ts";
import type { ConfiguredIssuer } from "../trust/trusted-issuer.ts";
import { SVID_ALGORITHMS, SVID_LIMITS } from "./foreign-limits.ts";

/**
 * A SPIFFE JWT-SVID, such as SPIRE issues: it names a workload, and anyone who holds a copy can present it, once (SPEC §17).
 * It is accepted where a bearer attestation is. An agent needs a new one for each connection.
 *
 * Put it into `formats` of a trusted issuer, whose `trustDomains` name the SPIFFE trust domain. `iss` has no meaning.
 *
 * Source: SPIFFE JWT-SVID 1.0; SPIFFE Trust Domain and Bundle 1.0.
 */
export const spiffeJwtSvid: TokenFormat = /* @__PURE__ */ defineFormat(
  () => ({
    name: "spiffe-jwt-svid",
    proof: "none",
    lifetime: { usual: 900, most: 3600 },
    algorithms: new Map(SVID_ALGORITHMS.map((name) => [name, name])),
    usualAlgorithms: SVID_ALGORITHMS,
    limits: { ...SVID_LIMITS, untyped: true },
    importKey: importForeignKey,
  }),
  {
    recognises: isJwtSvid,
    keyUses: [undefined, "sig", "jwt-svid"],
    checks: (given) => JWT_SVID(given),
  },
);

/** What `typ` may say (JWT-SVID §2.3). */
const TYPES: readonly (string | undefined)[] = [undefined, "JWT", "JOSE"];
/** Claims that only attestations have. They tell a bearer attestation, whose `typ` is the same, from a JWT-SVID. */
const ATTESTATION_ONLY = ["agent_identity", "attestation_metadata"];

function isJwtSvid({ header, payload }: CompactJws): boolean {
  return TYPES.includes(header.typ) && !ATTESTATION_ONLY.some((claim) => Object.hasOwn(payload, claim));
}

/** Steps 2–6 of §6, of a JWT-SVID. */
const JWT_SVID: Order<Recognised, Assessed> = /* @__PURE__ */ inOrder(
  checkAlgorithm,
  checkKid,
  findTrustDomain,
  checkIssuerFormat,
  checkIssuerAlgorithm,
  findKey,
  checkSignature,
  readClaims,
  checkTimes,
  checkForeignLifetime,
  checkUnbound,
  checkSoleAudience,
  checkRequiredClaims,
  checkRevocation,
  checkStatus,
  takeUse,
);

/** Step 3: the trust domain of `sub` is a configured issuer's, before any key is touched (T14). */
function findTrustDomain({
  jws: { payload },
  configuration,
}: Recognised): Refusal | { issuer: ConfiguredIssuer; trustDomain: string } {
  const { sub } = payload;
  return issuerOf(typeof sub === "string" ? trustDomainOf(sub) : undefined, configuration);
}

/** Step 6: `sub`, `exp` and the other registered claims. */
function readClaims({ jws }: Recognised): Refusal | { claims: RegisteredClaims } {
  const { claims, problem } = readForeignClaims(jws.payload, { issuer: false, key: false });
  return claims ? { claims } : refusal("ERR_ATTESTATION_CLAIMS", `The JWT-SVID's claims are malformed: ${problem}`);
}

/**
 * Step 6: it is used up as what was signed, since a JWT-SVID need not have a `jti`, and a signature can be spelt in several ways.
 * One that does not say when it was issued was not accepted here before the greatest lifetime began.
 */
function takeUse({
  jws: { signingInput },
  trustDomain,
  claims: { exp, iat },
  configuration,
  format,
}: Recognised & { readonly trustDomain: string; readonly claims: RegisteredClaims }): MaybePromise<{
  singleUse: SingleUse;
}> {
  const issuedAt = iat ?? exp - longestOf(format, configuration);
  return after(digest(signingInput), (id) => ({
    singleUse: { issuer: trustDomain, id, issuedAt, madeAt: issuedAt },
  }));
}
