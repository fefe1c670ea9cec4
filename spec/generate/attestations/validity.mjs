// For how long, and for whom. The edges of the times are in times.mjs.
import { AUDIENCE, NOW, SECOND_AUDIENCE } from "../common/baseline.mjs";
import { payload, show } from "../common/changes.mjs";
import { FOREIGN_AUDIENCES } from "../common/foreign.mjs";

export function addCases({ bad }) {
  bad("a life of no time", ["T18"], "ERR_ATTESTATION_LIFETIME", payload({ exp: NOW - 5 }));
  bad("an end before its beginning", ["T18"], "ERR_ATTESTATION_LIFETIME", payload({ iat: NOW, exp: NOW - 1 }));
  bad("a life without end", ["T18"], "ERR_ATTESTATION_LIFETIME", payload({ exp: Number.MAX_SAFE_INTEGER }));
  bad("a life longer than this server allows", ["T18"], "ERR_ATTESTATION_LIFETIME", {}, { verifier: "short-lived" });
  for (const aud of [...FOREIGN_AUDIENCES, `${AUDIENCE}?x`, `${AUDIENCE}#x`, "*", ["https://other.example"]]) {
    bad(`\`aud\` ${show(aud)}`, ["T20"], "ERR_ATTESTATION_AUDIENCE", payload({ aud }));
  }
  for (const aud of [
    [AUDIENCE, "https://other.example"],
    ["https://other.example", AUDIENCE],
    [AUDIENCE, AUDIENCE],
    [AUDIENCE, SECOND_AUDIENCE],
  ]) {
    bad(`\`aud\` ${show(aud)}`, ["T20"], "ERR_ATTESTATION_AUDIENCES", payload({ aud }));
  }
  bad(
    "several audiences of which none is this server",
    ["T20"],
    "ERR_ATTESTATION_AUDIENCE",
    payload({ aud: ["https://a.example", "https://b.example"] }),
    { verifier: "several-audiences" },
  );
}
