// Delegations: chains of one to four links, each rule broken once, and what `allow` opens.

import { ENTERPRISE, ISSUER, VERIFIER } from "./common/baseline.mjs";
import { presenting } from "./common/presentations.mjs";
import * as links from "./delegations/links.mjs";
import * as roots from "./delegations/roots.mjs";
import * as scope from "./delegations/scope.mjs";

const accepting = (maxDelegationDepth, other) => ({ ...VERIFIER, maxDelegationDepth, ...other });
const LIST = `${ISSUER}/status/1`;

export const verifiers = {
  default: accepting(4),
  "one-link": accepting(1),
  "two-links": accepting(2),
  none: VERIFIER,
  "none-optional": { ...VERIFIER, policy: "optional" },
  optional: accepting(4, { policy: "optional" }),
  bearer: accepting(4, { allowBearer: true }),
  "ed25519-only": accepting(4, { proofAlgorithms: ["Ed25519"] }),
  "several-audiences": accepting(4, { allowMultipleAudiences: true }),
  revoking: accepting(4, { revoked: [{ iss: ISSUER, jti: "revoked-0001" }] }),
  "with-lists": accepting(4, {
    trustedIssuers: VERIFIER.trustedIssuers.map((trusted) =>
      trusted.issuer === ISSUER ? { ...trusted, statusLists: [LIST] } : trusted,
    ),
    statusLists: { [LIST]: { size: 131_072, statuses: { 1: 1 } } },
  }),
  nested: accepting(4, {
    trustedIssuers: VERIFIER.trustedIssuers.map((trusted) =>
      trusted.issuer === ENTERPRISE ? { ...trusted, nested: true } : trusted,
    ),
  }),
};

export function vectors() {
  const { list, put } = presenting("Delegation", { verifier: "default" });
  for (const part of [links, roots, scope]) part.addCases({ list, put });
  return list;
}
