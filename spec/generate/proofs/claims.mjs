// Claims that are missing, or not what their schema says.
import { AUDIENCE, NOW } from "../common/baseline.mjs";
import { sha256 } from "../common/bytes.mjs";
import { insert, payload, show, spell } from "../common/changes.mjs";
import { ATTESTATION } from "./attested.mjs";

export function addCases({ bad }) {
  for (const [name, ...wrongs] of [
    ["aud", undefined, null, 1, "", [AUDIENCE], {}, `${AUDIENCE}\u0000`, "é"],
    [
      "jti",
      undefined,
      null,
      1,
      "",
      "fifteen-letters",
      "j".repeat(257),
      "a jti with spaces in it",
      "jti-with-a-nul-\u0000-inside",
      "jti-beyond-ascii-é",
      ["jti-in-a-list-of-one"],
    ],
    ["iat", undefined, null, String(NOW), NOW + 0.5, -1, true, [NOW], 2 ** 53],
    ["att_hash", undefined, null, 1, "", "short", `${sha256(ATTESTATION)}=`, [sha256(ATTESTATION)]],
    ["mcp_digest", null, 1, "", "short", `${sha256("x")}=`, {}],
    ["htm", null, 1, "", "PO ST", ["POST"]],
    ["body_digest", null, 1, "", "short"],
    ["session", null, 1, "", "a b", ["s"]],
    ["ath", null, 1, "", "short"],
    ["tool_digest", null, 1, "", "short", `${sha256("x")}=`, [sha256("x")], {}],
  ]) {
    for (const wrong of wrongs) {
      bad(`\`${name}\` ${show(wrong)}`, [name === "iat" ? "T18" : "T13"], "CLAIMS", payload({ [name]: wrong }));
    }
  }
  bad("`iat` 1e400", ["T18"], "CLAIMS", { payloadText: spell("iat", "1e400") });
  bad("`aud` by its prototype alone", ["T11"], "CLAIMS", {
    payload: { aud: undefined },
    payloadText: insert(`"__proto__":{"aud":"${AUDIENCE}"}`),
  });
}
