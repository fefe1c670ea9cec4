// Which attestation it goes with, and which server it is for.
import { AUDIENCE, MESSAGE, SECOND_AUDIENCE } from "../common/baseline.mjs";
import { sha256 } from "../common/bytes.mjs";
import { payload, show } from "../common/changes.mjs";
import { FOREIGN_AUDIENCES } from "../common/foreign.mjs";
import { refused } from "../common/presentations.mjs";
import { attestation, proof } from "../common/tokens.mjs";
import { ATTESTATION } from "./attested.mjs";

export function addCases({ put, bad }) {
  const other = attestation(payload({ jti: "attestation-0002" }));
  put("of another attestation", ["M5"], refused("ERR_PROOF_ATTESTATION"), ATTESTATION, { proof: proof(other) });
  bad("the hash of another attestation", ["M5"], "ATTESTATION", payload({ att_hash: sha256(other) }));
  bad("the hash of nothing", ["M5"], "ATTESTATION", payload({ att_hash: sha256("") }));
  for (const aud of [...FOREIGN_AUDIENCES, `${AUDIENCE}?`, `${AUDIENCE}%2F`, "*"]) {
    bad(`\`aud\` ${show(aud)}`, ["M5", "T20"], "AUDIENCE", payload({ aud }));
  }
  const madeOut = attestation(payload({ aud: AUDIENCE }));
  put(
    "for a name of this server that the attestation is not made out to",
    ["M5", "T20"],
    refused("ERR_PROOF_AUDIENCE"),
    madeOut,
    { proof: proof(madeOut, MESSAGE, payload({ aud: SECOND_AUDIENCE })) },
  );
  const manyNames = attestation(payload({ aud: ["https://other.example", AUDIENCE] }));
  put(
    "for another server that the attestation is made out to as well",
    ["M5", "T20"],
    refused("ERR_PROOF_AUDIENCE"),
    manyNames,
    { proof: proof(manyNames, MESSAGE, payload({ aud: "https://other.example" })), verifier: "several-audiences" },
  );
}
