// Bound attestations: honest ones, and ones with one thing wrong. Each comes with the agent's honest proof for what it became.
import * as agentKey from "./attestations/agent-key.mjs";
import * as claims from "./attestations/claims.mjs";
import * as demands from "./attestations/demands.mjs";
import * as downgrade from "./attestations/downgrade.mjs";
import * as header from "./attestations/header.mjs";
import * as honest from "./attestations/honest.mjs";
import * as issuer from "./attestations/issuer.mjs";
import * as signature from "./attestations/signature.mjs";
import * as structure from "./attestations/structure.mjs";
import * as subject from "./attestations/subject.mjs";
import * as validity from "./attestations/validity.mjs";
import { ISSUER, trusting, VERIFIER } from "./common/baseline.mjs";
import { altering, presenting, verified } from "./common/presentations.mjs";
import { attestation } from "./common/tokens.mjs";

export const verifiers = {
  default: VERIFIER,
  p256: trusting(["Ed25519", "ES256"]),
  "p256-only": trusting(["ES256"]),
  "mixed-key": signature.mixedKey,
  "shared-kid": issuer.sharedKid,
  bearer: { ...VERIFIER, allowBearer: true },
  "several-audiences": { ...VERIFIER, allowMultipleAudiences: true },
  demanding: {
    ...VERIFIER,
    requiredClaims: [
      "aud",
      "nbf",
      "agent_identity.deployment_id",
      "agent_identity.enterprise",
      "agent_integrity.config_hash",
      "agent_integrity.system_prompt_hash",
    ],
  },
  revoking: { ...VERIFIER, revoked: [{ iss: ISSUER, jti: "revoked-0001" }] },
  "short-lived": { ...VERIFIER, maxLifetime: { bound: 60, bearer: 60 } },
};

/** What the cases are about, in the order of the file. */
const STEPS = [honest, structure, header, signature, issuer, claims, validity, subject, demands, agentKey, downgrade];

export function vectors() {
  const { list, put } = presenting("Bound attestation", { verifier: "default" });
  const { good, bad } = altering(put, attestation, verified);
  for (const step of STEPS) step.addCases({ put, good, bad });
  return list;
}
