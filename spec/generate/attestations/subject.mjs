// Whom the issuer may speak for, and as what.
import { BOUND_CLAIMS } from "../common/baseline.mjs";
import { metadata, ofEnterprise, payload, show } from "../common/changes.mjs";

export function addCases({ bad }) {
  for (const sub of [
    "agent-7",
    "https://example.com/model/x",
    "SPIFFE://example.com/model/x",
    "spiffe:/example.com/model/x",
    "spiffe://example.com",
    "spiffe://example.com/",
    "spiffe:///model/x",
    "spiffe://example.com/model/",
    "spiffe://example.com//model",
    "spiffe://example.com/./model",
    "spiffe://example.com/../other",
    "spiffe://example.com/model/..",
    "spiffe://example.com/model/.",
    "spiffe://Example.com/model/x",
    "spiffe://example.com:443/model/x",
    "spiffe://user@example.com/model/x",
    "spiffe://example.com/model/x?y",
    "spiffe://example.com/model/x#y",
    "spiffe://example.com/model/%2e%2e/x",
    "spiffe://example.com/model/x~",
    "spiffe://exam%70le.com/model/x",
    `spiffe://${"a".repeat(256)}/x`,
  ]) {
    bad(`\`sub\` ${show(sub)}`, ["T22"], "ERR_ATTESTATION_SUBJECT", payload({ sub }));
  }
  for (const sub of [
    "spiffe://other.example/model/x",
    "spiffe://corp.example/agent/7",
    "spiffe://example.com.evil.example/model/x",
    "spiffe://evil-example.com/model/x",
    "spiffe://a.example.com/model/x",
    "spiffe://example/model/x",
    "spiffe://example.com./model/x",
  ]) {
    bad(`\`sub\` ${show(sub)}`, ["T22"], "ERR_TRUST_DOMAIN", payload({ sub }));
  }
  bad(
    "a provider that calls its attestation an enterprise's",
    ["T22"],
    "ERR_ATTESTATION_TYPE",
    metadata({ attestation_type: "enterprise" }),
  );
  bad(
    "an enterprise that calls its attestation a provider's",
    ["T22"],
    "ERR_ATTESTATION_TYPE",
    ofEnterprise({ attestation_metadata: BOUND_CLAIMS.attestation_metadata }),
  );
  bad(
    "an enterprise that speaks for a provider's trust domain",
    ["T22"],
    "ERR_TRUST_DOMAIN",
    ofEnterprise({ sub: BOUND_CLAIMS.sub }),
  );
}
