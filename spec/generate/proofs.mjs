// Proofs of all three kinds, each with an honest attestation: honest ones, and ones with one thing wrong.
import { MESSAGE, VERIFIER } from "./common/baseline.mjs";
import { presenting, refused, verified } from "./common/presentations.mjs";
import { proof } from "./common/tokens.mjs";
import { ATTESTATION } from "./proofs/attested.mjs";

import * as carrier from "./proofs/carrier.mjs";
import * as claims from "./proofs/claims.mjs";
import * as content from "./proofs/content.mjs";
import * as definition from "./proofs/definition.mjs";
import * as header from "./proofs/header.mjs";
import * as honest from "./proofs/honest.mjs";
import * as purpose from "./proofs/purpose.mjs";
import * as session from "./proofs/session.mjs";
import * as signature from "./proofs/signature.mjs";
import * as structure from "./proofs/structure.mjs";

export const verifiers = {
  default: VERIFIER,
  "ed25519-proofs": { ...VERIFIER, proofAlgorithms: ["Ed25519"] },
  "es256-proofs": { ...VERIFIER, proofAlgorithms: ["ES256"] },
  "several-audiences": { ...VERIFIER, allowMultipleAudiences: true },
};

/** What the cases are about, in the order of the file. */
const STEPS = [honest, structure, header, signature, claims, purpose, carrier, content, session, definition];

export function vectors() {
  const { list, put } = presenting("Proof", { verifier: "default" });
  /** A proof of `request`, altered, presented with it unless `other.request` says that something else came. */
  const good = (title, requirements, { request = MESSAGE, change, ...other } = {}) =>
    put(title, requirements, verified, ATTESTATION, {
      request,
      proof: proof(ATTESTATION, request, change, other),
      ...other,
    });
  const bad = (title, requirements, code, change, { proves = MESSAGE, request = proves, ...other } = {}) =>
    put(title, requirements, refused(`ERR_PROOF_${code}`), ATTESTATION, {
      request,
      proof: proof(ATTESTATION, proves, change),
      ...other,
    });
  for (const step of STEPS) step.addCases({ put, good, bad });
  return list;
}
