import { checkAudience } from "../checks/audience.ts";
import { takeHolderKey } from "../checks/claims.ts";
import { defineFormat } from "../checks/format-rules.ts";
import { checkAlgorithm, checkKid } from "../checks/header.ts";
import { checkIssuerAlgorithm, checkIssuerFormat, findIssuer } from "../checks/issuer.ts";
import { findKey } from "../checks/key.ts";
import { inOrder, type Order } from "../checks/order.ts";
import { type Refusal, refusal } from "../checks/refusal.ts";
import { checkRequiredClaims } from "../checks/required-claims.ts";
import { checkRevocation } from "../checks/revocation.ts";
import { checkSignature } from "../checks/signature.ts";
import type { Assessed, Recognised } from "../checks/statement.ts";
import { checkStatus } from "../checks/status.ts";
import { checkForeignLifetime, checkTimes } from "../checks/times.ts";
import { readForeignClaims } from "../claims/foreign-claims.ts";
import type { RegisteredClaims } from "../claims/registered-claims.ts";
import { importForeignKey } from "../keys/foreign-key.ts";
import type { PublicJwk } from "../keys/jwk.ts";
import type { VerificationKey } from "../keys/verification-key.ts";
import type { MaybePromise } from "../maybe-promise.ts";
import type { TokenFormat } from "../trust/token-format.ts";
import { SVID_ALGORITHMS, SVID_LIMITS } from "./foreign-limits.ts";

/** A client attestation of OAuth: `sub` is the client, `cnf.jwk` the key of its instance. */
export const oauthClientAttestation: TokenFormat = /* @__PURE__ */ defineFormat(
  () => ({
    name: "oauth-client-attestation",
    proof: "signature",
    lifetime: { usual: 3600, most: 3600 },
    algorithms: new Map(SVID_ALGORITHMS.map((name) => [name, name])),
    usualAlgorithms: SVID_ALGORITHMS,
    limits: SVID_LIMITS,
    importKey: importForeignKey,
  }),
  {
    recognises: ({ header }) => header.typ === "oauth-client-attestation+jwt",
    keyUses: [undefined, "sig"],
    checks: (given) => CLIENT_ATTESTATION(given),
  },
);

const CLIENT_ATTESTATION: Order<Recognised, Assessed> = /* @__PURE__ */ inOrder(
  checkAlgorithm,
  checkKid,
  findIssuer,
  checkIssuerFormat,
  checkIssuerAlgorithm,
  findKey,
  checkSignature,
  readClaims,
  checkTimes,
  checkForeignLifetime,
  checkInstanceKey,
  checkAudience,
  checkRequiredClaims,
  checkRevocation,
  checkStatus,
);

function readClaims({ jws }: Recognised): Refusal | { claims: RegisteredClaims } {
  const { claims, problem } = readForeignClaims(jws.payload, { issuer: true, key: true });
  return claims ? { claims } : refusal("ERR_ATTESTATION_CLAIMS", `The claims are malformed: ${problem}`);
}

function checkInstanceKey({
  claims: { cnf },
  jws,
}: Recognised & { readonly claims: RegisteredClaims }): MaybePromise<Refusal | { holderKey: VerificationKey }> {
  if (!cnf) return refusal("ERR_CONFIRMATION_KEY", "The client attestation lacks the key of the client's instance");
  return takeHolderKey((jws.payload["cnf"] as { jwk: PublicJwk }).jwk);
}
