// What a chain may begin with, and what becomes of it when that is wrong.
import { agentP256, BOUND_CLAIMS, ISSUER, NOW } from "../common/baseline.mjs";
import { chain, KEYS } from "../common/chains.mjs";
import { ENTERPRISE_CLAIMS, holding, metadata, ofEnterprise, payload } from "../common/changes.mjs";
import { refused, unassessed, verified, verifiedFor } from "../common/presentations.mjs";
import { attestation, bearer, proof } from "../common/tokens.mjs";

const LIST = `${ISSUER}/status/1`;

export function addCases({ put }) {
  const from = (title, requirements, expected, root, other, ...links) => {
    const changes = links.length > 0 ? links : [{}];
    const text = chain(root, ...changes);
    put(title, requirements, expected, text, {
      proof: proof(text, undefined, {}, { key: KEYS[changes.length] }),
      ...other,
    });
  };
  const wrong = (title, requirements, code, root, other, ...links) =>
    from(title, requirements, refused(code), root, other, ...links);

  for (const verifier of ["default", "bearer", "optional"]) {
    wrong(`after a bearer attestation (${verifier})`, ["D6", "T24", "SPEC-21.2"], "ERR_DELEGATION_ROOT", bearer(), {
      verifier,
    });
  }
  wrong(
    "after a link",
    ["D6", "SPEC-21.2"],
    "ERR_DELEGATION_ROOT",
    chain(attestation(), {}).split("~")[1],
    {},
    { by: KEYS[1], to: KEYS[2] },
  );
  wrong(
    "after an expired attestation",
    ["T19", "SPEC-21.7"],
    "ERR_ATTESTATION_EXPIRED",
    attestation(payload({ iat: NOW - 400, nbf: NOW - 400, exp: NOW - 31 })),
  );
  wrong("after a forged attestation", ["SPEC-21.7"], "ERR_ATTESTATION_SIGNATURE", attestation({ key: KEYS[1] }));
  wrong(
    "after an attestation of an unknown issuer",
    ["SPEC-21.7"],
    "ERR_ISSUER_UNTRUSTED",
    attestation(payload({ iss: "https://unknown.example" })),
  );
  from(
    "after an attestation of an unknown issuer, under the policy optional",
    ["T23", "SPEC-21.10"],
    unassessed("ERR_ISSUER_UNTRUSTED"),
    attestation(payload({ iss: "https://unknown.example" })),
    { verifier: "optional" },
  );
  wrong("after a revoked attestation", ["SPEC-21.7"], "ERR_REVOKED", attestation(payload({ jti: "revoked-0001" })), {
    verifier: "revoking",
  });
  const at = (idx) => attestation(payload({ status: { status_list: { idx, uri: LIST } } }));
  from("after an attestation with a valid status", ["S1", "SPEC-21.7"], verifiedFor(KEYS[1]), at(0), {
    verifier: "with-lists",
  });
  wrong("after an attestation with a status that is revoked", ["S1", "SPEC-21.7"], "ERR_REVOKED", at(1), {
    verifier: "with-lists",
  });
  wrong(
    "after an attestation for another key",
    ["D2", "SPEC-21.4"],
    "ERR_DELEGATION_HEADER",
    attestation(holding(agentP256)),
  );
  wrong(
    "after an attestation for somebody else's key",
    ["D2", "SPEC-21.4"],
    "ERR_DELEGATION_SIGNATURE",
    attestation(holding(KEYS[5])),
  );

  for (const [most, links] of [
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
  ]) {
    const limited = attestation(metadata({ max_delegation_depth: most }));
    wrong(
      `${links} links after an attestation that allows ${most}`,
      ["D1", "SPEC-21.5"],
      "ERR_DELEGATION_DEPTH",
      limited,
      {},
      ...Array(links).fill({}),
    );
    if (most === 0) continue;
    const changes = Array.from({ length: most }, (_, i) => payload({ depth: most - 1 - i }));
    from(
      `${most} links after an attestation that allows so many`,
      ["SPEC-21.5"],
      verifiedFor(KEYS[most]),
      limited,
      {},
      ...changes,
    );
  }
  const four = attestation(metadata({ max_delegation_depth: 4 }));
  from(
    "4 links after an attestation that allows so many",
    ["SPEC-21.5"],
    verifiedFor(KEYS[4]),
    four,
    {},
    {},
    {},
    {},
    {},
  );
  put(
    "the attested agent itself, though it may not delegate",
    ["SPEC-21.5"],
    verified,
    attestation(metadata({ max_delegation_depth: 0 })),
  );

  const nested = attestation(
    ofEnterprise({
      attestation_metadata: { ...ENTERPRISE_CLAIMS.attestation_metadata, nested_attestation: attestation() },
    }),
  );
  const layers = [
    { subject: ENTERPRISE_CLAIMS.sub, trustLevel: "enterprise" },
    { subject: BOUND_CLAIMS.sub, trustLevel: "provider" },
  ];
  const byEnterprise = { ...verifiedFor(KEYS[2]), trustLevel: "enterprise", subject: ENTERPRISE_CLAIMS.sub, layers };
  from(
    "two links after a nested attestation",
    ["SPEC-21.11", "SPEC-20.7"],
    byEnterprise,
    nested,
    { verifier: "nested" },
    {},
    {},
  );
}
