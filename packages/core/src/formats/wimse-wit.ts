import { checkAudience } from "../checks/audience.ts";
import { takeHolderKey } from "../checks/claims.ts";
import { defineFormat } from "../checks/format-rules.ts";
import { checkAlgorithm, checkKid } from "../checks/header.ts";
import { checkIssuerAlgorithm, checkIssuerFormat, findIssuer, issuerOf } from "../checks/issuer.ts";
import { findKey } from "../checks/key.ts";
import { inOrder, type Order } from "../checks/order.ts";
import { type Refusal, refusal } from "../checks/refusal.ts";
import { checkRequiredClaims } from "../checks/required-claims.ts";
import { checkRevocation } from "../checks/revocation.ts";
import { checkSignature } from "../checks/signature.ts";
import type { Assessed, Recognised } from "../checks/statement.ts";
import { checkStatus } from "../checks/status.ts";
import { checkTrustDomain, noWorkload } from "../checks/subject.ts";
import { checkForeignLifetime, checkTimesByNotBefore } from "../checks/times.ts";
import { readForeignClaims } from "../claims/foreign-claims.ts";
import type { RegisteredClaims } from "../claims/registered-claims.ts";
import { workloadTrustDomainOf } from "../claims/workload-id.ts";
import { importForeignKey } from "../keys/foreign-key.ts";
import type { PublicJwk } from "../keys/jwk.ts";
import type { VerificationKey } from "../keys/verification-key.ts";
import type { MaybePromise } from "../maybe-promise.ts";
import type { TokenFormat } from "../trust/token-format.ts";
import type { ConfiguredIssuer } from "../trust/trusted-issuer.ts";
import { SVID_ALGORITHMS, SVID_LIMITS } from "./foreign-limits.ts";

const TYP = "wit+jwt";

/**
 * A Workload Identity Token of WIMSE, or a WIT-SVID of SPIFFE: it names a workload and is bound to a key, so every message
 * carries a proof of this protocol by that key, as with an attestation (SPEC §17).
 *
 * Put it into `formats` of a trusted issuer, whose `trustDomains` name the trust domain of the workloads. Its `issuer` is the
 * token's `iss`; a token without `iss` is of the issuer of its subject's trust domain.
 *
 * Source: draft-ietf-wimse-workload-creds-02 §3.1; SPIFFE WIT-SVID (incubating).
 */
export const wimseWit: TokenFormat = /* @__PURE__ */ defineFormat(
  () => ({
    name: "wimse-wit",
    proof: "signature",
    lifetime: { usual: 3600, most: 3600 },
    algorithms: new Map([
      ...SVID_ALGORITHMS.map((name) => [name, name] as const),
      ["EdDSA", "Ed25519"] as const,
      ["Ed25519", "Ed25519"] as const,
    ]),
    usualAlgorithms: SVID_ALGORITHMS,
    limits: SVID_LIMITS,
    importKey: importForeignKey,
  }),
  {
    recognises: ({ header }) => header.typ === TYP,
    keyUses: [undefined, "sig", "wit-svid"],
    checks: (given) => WIT(given),
  },
);

/** Steps 2–6 of §6, of a WIT. */
const WIT: Order<Recognised, Assessed> = /* @__PURE__ */ inOrder(
  checkAlgorithm,
  checkKid,
  findWitIssuer,
  checkIssuerFormat,
  checkIssuerAlgorithm,
  findKey,
  checkSignature,
  readClaims,
  checkTimesByNotBefore,
  checkForeignLifetime,
  checkProofKey,
  checkAudience,
  checkWorkload,
  checkTrustDomain,
  checkRequiredClaims,
  checkRevocation,
  checkStatus,
);

/** Step 3: by `iss` as everywhere (T14); without it, by the trust domain of `sub`. */
function findWitIssuer(facts: Recognised): Refusal | { issuer: ConfiguredIssuer } {
  const { payload } = facts.jws;
  if (Object.hasOwn(payload, "iss")) return findIssuer(facts);
  const { sub } = payload;
  return issuerOf(typeof sub === "string" ? workloadTrustDomainOf(sub) : undefined, facts.configuration);
}

/** Step 6: `sub`, `exp`, `cnf` and the other registered claims. */
function readClaims({ jws }: Recognised): Refusal | { claims: RegisteredClaims } {
  const { claims, problem } = readForeignClaims(jws.payload, { issuer: true, key: true });
  return claims ? { claims } : refusal("ERR_ATTESTATION_CLAIMS", `The WIT's claims are malformed: ${problem}`);
}

/** Step 6: the workload's key is there, says its algorithm, and is one that proofs can be made with (K2, K3). */
function checkProofKey({
  claims: { cnf },
  jws,
}: Recognised & { readonly claims: RegisteredClaims }): MaybePromise<Refusal | { holderKey: VerificationKey }> {
  if (!cnf) return refusal("ERR_CONFIRMATION_KEY", "The WIT lacks the workload's key (cnf.jwk)");
  // The key as it was sent: what the claims leave out of it could be its private half.
  return takeHolderKey((jws.payload["cnf"] as { jwk: PublicJwk }).jwk);
}

/** Step 6: the subject is a SPIFFE ID or a `wimse:` URI. */
function checkWorkload({
  claims: { sub },
}: Recognised & { readonly claims: RegisteredClaims }): Refusal | { trustDomain: string } {
  const trustDomain = workloadTrustDomainOf(sub);
  return trustDomain === undefined ? noWorkload() : { trustDomain };
}
