// Honest ones, and what must be ignored or may be spelt differently.
import { AUDIENCE, BOUND_CLAIMS, BOUND_HEADER, HASH, NOW, PLACE } from "../common/baseline.mjs";
import { base64url } from "../common/bytes.mjs";
import {
  agentKey,
  BY_P256,
  ENTERPRISE_CLAIMS,
  insert,
  ofEnterprise,
  payload,
  reversed,
  spell,
} from "../common/changes.mjs";
import { verified } from "../common/presentations.mjs";
import { mirrored } from "../common/signatures.mjs";
import { attestation } from "../common/tokens.mjs";

export function addCases({ put, good }) {
  good("honest", []);
  good("white space around members", ["T12"], { payloadText: (text) => `\n\t{ ${text.slice(1)}\r\n ` });
  good("claims in another order", [], { payloadText: reversed });
  good("an escape in a value", ["T10"], {
    payloadText: (text) => text.replace('"provider":"example"', '"provider":"\\u0065xample"'),
  });
  good("an unknown claim", ["T11"], payload({ x: { y: ["z"] } }));
  good("an unknown claim beyond ASCII", ["T13"], payload({ ключ: "\u{1f511}" }));
  good("the same name in different objects", ["T10"], payload({ x: { iss: 1, y: { iss: 2 } } }));
  good("`__proto__` among the claims", ["T11"], {
    payloadText: insert('"__proto__":{"iss":"https://evil.example","verified":true}'),
  });
  good("`constructor` among the claims", ["T11"], { payloadText: insert('"constructor":{"prototype":{"iss":1}}') });
  good("16 levels", ["T17"], { payloadText: insert(`"x":${"[".repeat(15)}${"]".repeat(15)}`) });
  good("as many characters as allowed", ["T17"], {
    payloadText: (text) => {
      const room = 6144 - base64url(JSON.stringify(BOUND_HEADER)).length - 2 - 86;
      return insert(`"x":"${"a".repeat(Math.floor((room * 3) / 4) - text.length - 7)}"`)(text);
    },
  });
  good("times as numbers with an exponent", ["T18"], { payloadText: spell("exp", "180000029.5e1") });
  good("no `nbf`", ["T18"], payload({ nbf: undefined }));
  good("made out to this server", ["T20"], payload({ aud: AUDIENCE }));
  good("made out to this server in a list of one", ["T20"], payload({ aud: [AUDIENCE] }));
  good(
    "made out to another too, where that is allowed",
    ["T20"],
    payload({ aud: ["https://other.example", AUDIENCE] }),
    { verifier: "several-audiences" },
  );
  good(
    "every optional claim",
    [],
    {
      payload: {
        aud: AUDIENCE,
        agent_identity: {
          ...BOUND_CLAIMS.agent_identity,
          deployment_id: "d-1",
          enterprise: PLACE,
        },
        agent_integrity: { config_hash: HASH, system_prompt_hash: HASH },
        attestation_metadata: {
          ...BOUND_CLAIMS.attestation_metadata,
          safety_level: "enhanced",
          capabilities_declared: ["a", "b c"],
          nested_attestation: "a.b.c",
        },
      },
    },
    { verifier: "demanding" },
  );
  good("a life of one second", ["T18"], payload({ iat: NOW, nbf: NOW, exp: NOW + 1 }));
  good("`alg` and `use` in the agent's key", ["K6"], agentKey({ alg: "EdDSA", use: "sig", kid: "k" }));
  const byEnterprise = { ...verified, trustLevel: "enterprise", subject: ENTERPRISE_CLAIMS.sub };
  put("of an enterprise", ["T22"], byEnterprise, attestation(ofEnterprise()));
  put(
    "of an enterprise that claims the trust of a provider",
    ["T22"],
    byEnterprise,
    attestation(ofEnterprise({ trust_level: "provider", trustLevel: "provider" })),
  );
  good("ES256, from an issuer configured for it", ["T1"], BY_P256, { verifier: "p256" });
  good("ES256 with the other S", ["K1"], { ...BY_P256, signature: mirrored }, { verifier: "p256" });
  for (const [title, sub] of [
    ["a long path", `spiffe://example.com/${"a/".repeat(900)}z`],
    ["a dot and dashes in a segment", "spiffe://example.com/model/a.b-c_d/..x/.y"],
  ]) {
    put(`subject with ${title}`, ["T22"], { ...verified, subject: sub }, attestation(payload({ sub })));
  }
}
