// Ways to be taken for less than what a bound attestation must be.
import { AUDIENCE, BOUND_CLAIMS } from "../common/baseline.mjs";
import { refused } from "../common/presentations.mjs";
import { attestation, proof } from "../common/tokens.mjs";

export function addCases({ put }) {
  put("without its proof", ["T23", "T24"], refused("ERR_PROOF_REQUIRED"), attestation(), { proof: undefined });
  put("with a proof but not the message it is for", ["T24"], refused("ERR_PROOF_REQUEST"), attestation(), {
    request: undefined,
    proof: proof(attestation()),
  });
  put("alone, where bearer attestations are accepted", ["T23", "T24"], refused("ERR_PROOF_REQUIRED"), attestation(), {
    proof: undefined,
    request: undefined,
    verifier: "bearer",
  });
  put(
    "made to look like a bearer attestation",
    ["T24"],
    refused("ERR_BEARER_CONFIRMATION"),
    attestation({
      header: { typ: "JWT", alg: "EdDSA" },
      payload: {
        aud: AUDIENCE,
        attestation_metadata: { ...BOUND_CLAIMS.attestation_metadata, attestation_version: "0.1.0" },
      },
    }),
    { proof: undefined, verifier: "bearer" },
  );
  put("nothing at all", ["T23"], refused("ERR_ATTESTATION_REQUIRED"), undefined, { proof: undefined });
  put("a proof without an attestation", ["T23", "T24"], refused("ERR_PROOF_UNEXPECTED"), undefined, {
    proof: proof(attestation()),
  });
}
