// The worked examples of nested attestations and of delegation: SPEC.md 15.10 and 15.11.

const corporation = "https://sso.corp.example";

// The keys of RFC 8032 §7.1, tests 1024 and 3: known to everybody, so good for nothing else.
const corporationKey = {
  kty: "OKP",
  crv: "Ed25519",
  kid: "corp-2026",
  x: "J4EX_BRMcjQPZ9DyMW6Dhs7_vyskKMnFH-98WX8dQm4",
  d: "9eV2fPFTMZUXYw8iaHa4bIFgzFg7wBN0TGvyVfXMDuU",
};
const subAgentKey = {
  kty: "OKP",
  crv: "Ed25519",
  x: "_FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU",
  d: "xaqN9D-fg3vtt0QvMdy3sWbThTUHbwlLhc46LgtEWPc",
};

/**
 * Both examples, for programs and for readers.
 *
 * @param given What the examples before have: the agent's key, its attestation and the claims of that, and the call of 15.3.
 * @param by How tokens are made.
 * @param write How they are written down for readers.
 */
export function layersAndChains(given, by, write) {
  const nested = nestedExample(given, by);
  const delegation = delegationExample(given, by);
  return {
    examples: { nested: nested.example, delegation: delegation.example },
    section: `${nestedSection(nested, given, write)}\n\n${delegationSection(delegation, write)}`,
  };
}

/** A call in the message, with an attestation or a chain, and a proof over both. */
function callWith({ attestation, key, jti, id, params }, { audience, now }, { jws, sha256, canonical }) {
  const claims = {
    aud: audience,
    jti,
    iat: now,
    att_hash: sha256(attestation),
    mcp_digest: sha256(canonical({ method: "tools/call", params })),
  };
  const _meta = {
    ...params._meta,
    "io.github.attest/attestation": attestation,
    "io.github.attest/proof": jws({ typ: "agent-attestation-pop+jwt", alg: "Ed25519" }, claims, key),
  };
  return { claims, message: { jsonrpc: "2.0", id, method: "tools/call", params: { ...params, _meta } } };
}

function nestedExample(given, by) {
  const { attestation, boundClaims, agentKey } = given;
  const header = { typ: "agent-attestation+jwt", alg: "Ed25519", kid: corporationKey.kid };
  const { model_family, model_version, provider } = boundClaims.agent_identity;
  const claims = {
    ...boundClaims,
    iss: corporation,
    sub: "spiffe://corp.example/agent/7",
    jti: "0b0b7a5e-4e1c-4d5b-9a53-6a1c3c7d1f12",
    agent_identity: {
      model_family,
      model_version,
      provider,
      enterprise: { org_id: "corp", workload_id: "agent-7", deployment_env: "production" },
    },
    attestation_metadata: {
      ...boundClaims.attestation_metadata,
      attestation_type: "enterprise",
      nested_attestation: attestation,
    },
  };
  const outer = by.jws(header, claims, corporationKey);
  const jti = "6a0f7f0c-6d1e-4c52-8f5e-4b7a3c1d9e07";
  const call = callWith({ attestation: outer, key: agentKey, jti, id: 5, params: given.params }, given, by);
  const example = {
    issuer: corporation,
    trustDomain: "corp.example",
    authorityKey: by.publicHalf(corporationKey),
    attestation: outer,
    call: call.message,
    layers: [
      { issuer: corporation, subject: claims.sub, trust_level: "enterprise" },
      { issuer: boundClaims.iss, subject: boundClaims.sub, trust_level: "provider" },
    ],
  };
  return { example, header, claims, call };
}

function nestedSection({ example, header, claims, call }, { attestation }, { json, shortened }) {
  return `### 15.10 A nested attestation

The server has configured one more issuer, for nested attestations: \`${example.issuer}\`, trust level \`enterprise\`, trust domain
\`${example.trustDomain}\`. Its key is that of RFC 8032 §7.1, test 1024. That enterprise has verified the attestation of 15.2, of ${attestation.length} characters,
and embeds it in its own. Header and claims:

${json(header)}

${json(shortened(claims))}

The call of 15.3 with it, ${example.attestation.length} characters. The claims of its proof, by the same key as there, and what is sent:

${json(call.claims)}

${json(shortened(call.message))}

The two layers that the server knows then. A demand for the trust level \`provider\` is met by the second, and one for the issuer
\`${example.issuer}\` by the first:

${json(example.layers)}`;
}

function delegationExample(given, by) {
  const { attestation, boundClaims, agentKey, audience, now, refusal } = given;
  const header = { typ: "agent-attestation-delegation+jwt", alg: "Ed25519" };
  const claims = {
    parent: by.sha256(attestation),
    cnf: { jwk: by.publicHalf(subAgentKey) },
    iat: now,
    exp: boundClaims.exp,
    jti: "0b0b7a5e-4e1c-4d5b-9a53-6a1c3c7d1f13",
    depth: 0,
    aud: audience,
    allow: { tools: ["list_*"], resources: ["bank://accounts/*"] },
    name: "reader",
  };
  const link = by.jws(header, claims, agentKey);
  const chain = `${attestation}~${link}`;
  const held = { attestation: chain, key: subAgentKey };
  const [listing, paying] = ["6a0f7f0c-6d1e-4c52-8f5e-4b7a3c1d9e08", "6a0f7f0c-6d1e-4c52-8f5e-4b7a3c1d9e09"];
  const call = callWith({ ...held, jti: listing, id: 6, params: { name: "list_accounts", arguments: {} } }, given, by);
  const refused = callWith({ ...held, jti: paying, id: 7, params: given.params }, given, by);
  const error = refusal(-31006, "Attestation claims insufficient", "attestation_claims_insufficient", false);
  const example = { subAgentKey, chain, call: call.message, refused: { message: refused.message, error } };
  return { example, header, claims, link, call };
}

function delegationSection({ example, header, claims, link, call }, { json, plain, wrapped, shortened }) {
  return `### 15.11 A sub-agent

The server has configured that it accepts one link. The agent of 15.2 lets a sub-agent, whose key is that of RFC 8032 §7.1, test 3,
list accounts and read them. \`parent\` is the hash of the attestation of 15.2, whose key signs the link. Its header, its claims, and the link:

${json(header)}

${json(claims)}

${plain(wrapped(link))}

The chain is that attestation, \`~\` and the link: ${example.chain.length} characters. The claims of the sub-agent's proof for a call, in which \`att_hash\`
is the hash of the whole chain, and what is sent:

${json(call.claims)}

${json(shortened(call.message))}

The call of 15.3 is not in its \`allow\`:

${json(example.refused.error)}`;
}
