// What a server can ask besides: that it is not revoked, and claims of its own choice.
import { AUDIENCE, BOUND_CLAIMS, HASH, NOW, PLACE } from "../common/baseline.mjs";
import { ENTERPRISE_CLAIMS, ofEnterprise, payload } from "../common/changes.mjs";
import { verified } from "../common/presentations.mjs";
import { attestation } from "../common/tokens.mjs";

export function addCases({ put, good, bad }) {
  bad("revoked", ["T21"], "ERR_REVOKED", payload({ jti: "revoked-0001" }), { verifier: "revoking" });
  put(
    "of the name of one that another issuer revoked",
    ["T21"],
    { ...verified, trustLevel: "enterprise", subject: ENTERPRISE_CLAIMS.sub },
    attestation(ofEnterprise({ jti: "revoked-0001" })),
    { verifier: "revoking" },
  );
  good("not the one that is revoked", ["T21"], payload({ jti: "revoked-0002" }), { verifier: "revoking" });
  bad("none of the claims that this server requires", [], "ERR_CLAIM_REQUIRED", {}, { verifier: "demanding" });
  for (const missing of ["aud", "nbf", "deployment_id", "enterprise", "config_hash", "system_prompt_hash"]) {
    const less = (object) => ({ ...object, [missing]: undefined });
    bad(
      `no \`${missing}\`, which this server requires`,
      [],
      "ERR_CLAIM_REQUIRED",
      payload(
        less({
          aud: AUDIENCE,
          nbf: NOW - 5,
          agent_identity: less({ ...BOUND_CLAIMS.agent_identity, deployment_id: "d", enterprise: PLACE }),
          agent_integrity: less({ config_hash: HASH, system_prompt_hash: HASH }),
        }),
      ),
      { verifier: "demanding" },
    );
  }
}
