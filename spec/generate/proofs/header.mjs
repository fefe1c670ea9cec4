// The header: `alg` and `typ`.
import { agentP256 } from "../common/baseline.mjs";
import { show } from "../common/changes.mjs";
import { FOREIGN_ALGS, FOREIGN_TYPS } from "../common/foreign.mjs";
import { refused } from "../common/presentations.mjs";
import { zeros } from "../common/signatures.mjs";
import { attestation, proof } from "../common/tokens.mjs";
import { ATTESTATION, P256_ATTESTATION, p256Proof } from "./attested.mjs";

export function addCases({ put, good, bad }) {
  for (const [alg, requirement] of FOREIGN_ALGS) bad(`\`alg\` ${show(alg)}`, [requirement], "ALG", { header: { alg } });
  bad("`alg` EdDSA", ["T1"], "ALG", { header: { alg: "EdDSA" } });
  bad("`alg` none and no bytes that sign", ["T1"], "ALG", { header: { alg: "none" }, signature: zeros });
  bad("ES256 for an Ed25519 key", ["T2"], "ALG", { header: { alg: "ES256" } });
  bad("ES256 by a P-256 key that is not the attested one", ["T2"], "ALG", { header: { alg: "ES256" }, key: agentP256 });
  put("Ed25519 for a P-256 key", ["T2"], refused("ERR_PROOF_ALG"), P256_ATTESTATION, {
    proof: proof(P256_ATTESTATION),
  });
  put("ES256 where only Ed25519 is accepted", ["T2"], refused("ERR_PROOF_ALG"), P256_ATTESTATION, {
    proof: p256Proof(),
    verifier: "ed25519-proofs",
  });
  put("Ed25519 where only ES256 is accepted", ["T2"], refused("ERR_PROOF_ALG"), ATTESTATION, {
    verifier: "es256-proofs",
  });
  for (const kid of ["key-1", "", "a b", "k".repeat(257)])
    good(`\`kid\` ${show(kid)}, which nobody reads`, ["T6"], { change: { header: { kid } } });
  bad("a number for `kid`", ["T6"], "HEADER", { header: { kid: 1 } });
  for (const typ of [...FOREIGN_TYPS, "JWT", "agent-attestation+jwt"])
    bad(`\`typ\` ${show(typ)}`, ["T9"], "TYP", { header: { typ } });
  put("an attestation in its place", ["T9"], refused("ERR_PROOF_TYP"), ATTESTATION, {
    proof: attestation({ payload: { jti: "other" } }),
  });
  put("the attestation itself in its place", ["T9"], refused("ERR_PROOF_TYP"), ATTESTATION, { proof: ATTESTATION });
}
