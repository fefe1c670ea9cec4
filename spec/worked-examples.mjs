// Makes the worked examples of SPEC.md, and spec/examples.json with the same for programs. Written from the specification
// alone, on node:crypto and nothing of this repository, so that tests which verify its tokens compare two implementations.
// Usage: node spec/worked-examples.mjs [--check]   (--check: change nothing, fail if either file would change)
import {
  createCipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  sign,
} from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { layersAndChains } from "./worked-examples/layers-and-chains.mjs";

const SPEC = new URL("../SPEC.md", import.meta.url);
const EXAMPLES = new URL("examples.json", import.meta.url);
const BEGIN = "<!-- examples:begin (made by spec/worked-examples.mjs) -->";
const END = "<!-- examples:end -->";

const now = 1_800_000_000;
const issuer = "https://authority.example";
const audience = "https://bank.example/mcp";

// The keys of RFC 8032 §7.1, tests 1 and 2: known to everybody, so good for nothing else.
const authorityKey = {
  kty: "OKP",
  crv: "Ed25519",
  kid: "authority-2026",
  x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
  d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
};
const agentKey = {
  kty: "OKP",
  crv: "Ed25519",
  x: "PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw",
  d: "TM0Imyj_ltqdtsNG7BFOD1uKMZ81q6Yk2oz27U-4pvs",
};

const publicHalf = ({ d: _, ...jwk }) => jwk;
const sha256 = (data) => createHash("sha256").update(data).digest("base64url");
const segment = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Signs as compact JWS. Ed25519 signatures are deterministic, so the same input always gives the same token. */
function jws(header, payload, { d, ...jwk }) {
  const input = `${segment(header)}.${segment(payload)}`;
  const key = createPrivateKey({ key: { ...jwk, d }, format: "jwk" });
  return `${input}.${sign(null, Buffer.from(input), key).toString("base64url")}`;
}

/** RFC 8785 for what these examples hold: objects, arrays, ASCII strings and small integers. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

const identity = {
  model_family: "example",
  model_version: "example-1",
  provider: "example",
  deployment_id: "eu-1",
};
const common = { iss: issuer, sub: "spiffe://example.com/model/example-1", iat: now - 5, nbf: now - 5, exp: now + 295 };
const metadata = { attestation_type: "provider", safety_level: "standard", capabilities_declared: ["tools"] };

const boundHeader = { typ: "agent-attestation+jwt", alg: "Ed25519", kid: authorityKey.kid };
const boundClaims = {
  ...common,
  jti: "0b0b7a5e-4e1c-4d5b-9a53-6a1c3c7d1f10",
  cnf: { jwk: publicHalf(agentKey) },
  agent_identity: identity,
  attestation_metadata: { attestation_version: "0.2.0", ...metadata },
};
const attestation = jws(boundHeader, boundClaims, authorityKey);

const proofHeader = { typ: "agent-attestation-pop+jwt", alg: "Ed25519" };
const proofClaims = (jti, covered) => ({ aud: audience, jti, iat: now, att_hash: sha256(attestation), ...covered });
const prove = (claims) => jws(proofHeader, claims, agentKey);
const inMeta = (body, proof) => ({
  ...body,
  _meta: { ...body._meta, "io.github.attest/attestation": attestation, "io.github.attest/proof": proof },
});

// In the message.
const method = "tools/call";
const params = { name: "transfer", arguments: { to: "savings", amount: 25 }, _meta: { progressToken: 1 } };
const callText = canonical({ method, params });
const callClaims = proofClaims("6a0f7f0c-6d1e-4c52-8f5e-4b7a3c1d9e01", { mcp_digest: sha256(callText) });
const call = { jsonrpc: "2.0", id: 1, method, params: inMeta(params, prove(callClaims)) };

const result = { action: "accept", content: { confirmed: true } };
const responseText = canonical({ id: 0, result });
const responseClaims = proofClaims("6a0f7f0c-6d1e-4c52-8f5e-4b7a3c1d9e02", { mcp_digest: sha256(responseText) });
const response = { jsonrpc: "2.0", id: 0, result: inMeta(result, prove(responseClaims)) };

// In HTTP fields.
const sessionId = "1868a90c-7c7e-4c0e-8a3c-2d1b5e0f6a77";
const accessToken = "mF_9.B5f-4.1JqM";
const body = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list" });
const inHttp = (jti, htm, content) =>
  proofClaims(jti, { htm, body_digest: sha256(content), session: sessionId, ath: sha256(accessToken) });
const postClaims = inHttp("6a0f7f0c-6d1e-4c52-8f5e-4b7a3c1d9e03", "POST", body);
const deleteClaims = inHttp("6a0f7f0c-6d1e-4c52-8f5e-4b7a3c1d9e04", "DELETE", "");
const fields = (claims) => ({
  Authorization: `Bearer ${accessToken}`,
  "Mcp-Session-Id": sessionId,
  "Agent-Attestation": attestation,
  "Agent-Attestation-Proof": prove(claims),
});
const post = { method: "POST", body, fields: fields(postClaims) };
const del = { method: "DELETE", body: "", fields: fields(deleteClaims) };

// A ticket: the X25519 keys of RFC 7748 §6.1, Alice's for the agent and Bob's for the server; a ring of one secret.
const agreementKey = (hex) => {
  const der = Buffer.from(`302e020100300506032b656e04220420${hex}`, "hex");
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return { privateKey, publicKey: createPublicKey(privateKey) };
};
const alice = agreementKey("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
const bob = agreementKey("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
const x = ({ publicKey }) => publicKey.export({ format: "jwk" }).x;
const hkdf = (secret, salt, info, length) => Buffer.from(hkdfSync("sha256", secret, salt, info, length));
const hash = (data) => createHash("sha256").update(data).digest();
const ringSecret = Buffer.from("a ring secret of the worked examples");
const askingClaims = {
  ...proofClaims("6a0f7f0c-6d1e-4c52-8f5e-4b7a3c1d9e05", { mcp_digest: sha256(callText) }),
  ticket_epk: x(alice),
};
const askingProof = prove(askingClaims);
const asking = { jsonrpc: "2.0", id: 4, method, params: inMeta(params, askingProof) };
const thumbprint = sha256(JSON.stringify({ crv: agentKey.crv, kty: agentKey.kty, x: agentKey.x }));
const shared = diffieHellman({ privateKey: alice.privateKey, publicKey: bob.publicKey });
const keyInfo = ["io.github.attest/ticket-key/1", audience, thumbprint, x(alice), x(bob)];
const ticketKey = hkdf(shared, hash(askingProof), keyInfo.join("\n"), 32);
const ticketRandom = hash("random").subarray(0, 24);
const expiry = Buffer.alloc(8);
expiry.writeBigUInt64BE(BigInt(now + 300));
const ticketHead = Buffer.concat([
  Buffer.from([1]),
  hkdf(ringSecret, "", "io.github.attest/ticket-id/1", 8),
  ticketRandom,
]);
const sealing = hkdf(ringSecret, ticketRandom, "io.github.attest/ticket-seal/1", 44);
const cipher = createCipheriv("aes-256-gcm", sealing.subarray(0, 32), sealing.subarray(32)).setAAD(ticketHead);
const content = Buffer.concat([ticketKey, Buffer.from(thumbprint, "base64url"), hash(audience), expiry]);
const sealed = [ticketHead, cipher.update(content), cipher.final(), cipher.getAuthTag()];
const grant = { ticket: Buffer.concat(sealed).toString("base64url"), epk: x(bob), expires_in: 300 };
const macJti = "6a0f7f0c-6d1e-4c52-8f5e-4b7a3c1d9e06";
const macLines = [
  "io.github.attest/mac/1",
  sha256(grant.ticket),
  sha256(attestation),
  audience,
  String(now),
  macJti,
  "http POST",
  sha256(body),
  `+${sessionId}`,
  `+${sha256(accessToken)}`,
];
const mac = createHmac("sha256", ticketKey).update(macLines.join("\n")).digest("base64url");
const macProof = ["mac1", grant.ticket, now, macJti, sha256(body), mac].join("~");
const macPost = { method: "POST", body, fields: { ...post.fields, "Agent-Attestation-Proof": macProof } };

// Bearer.
const bearerHeader = { typ: "JWT", alg: "EdDSA", kid: authorityKey.kid };
const bearerClaims = {
  ...common,
  aud: audience,
  jti: "0b0b7a5e-4e1c-4d5b-9a53-6a1c3c7d1f11",
  agent_identity: identity,
  attestation_metadata: { attestation_version: "0.1.0", ...metadata },
};
const initialize = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    clientInfo: { name: "agent", version: "1.0.0" },
    capabilities: {
      experimental: {
        "security.attestation": {
          version: "0.1.0",
          supported_algorithms: ["EdDSA"],
          attestation_types: ["provider", "enterprise"],
          token: jws(bearerHeader, bearerClaims, authorityKey),
        },
      },
    },
  },
};

// Refusals.
const refusal = (code, message, reason, retryable, more = {}) => ({
  code,
  message,
  data: { extension: "io.github.attest/agent-attestation", reason, policy: "required", retryable, ...more },
});
const changed = { ...call, params: { ...call.params, arguments: { to: "savings", amount: 2500 } } };
const stateless = {
  jsonrpc: "2.0",
  id: 3,
  method: "tools/list",
  params: {
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "agent", version: "1.0.0" },
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  },
};
const refusals = [
  {
    title: "The message was changed on its way.",
    now,
    message: changed,
    error: refusal(-31007, "Attestation proof invalid", "attestation_proof_invalid", false),
  },
  {
    title: "The message came a second time.",
    now,
    after: "call",
    message: call,
    error: refusal(-31004, "Attestation replay detected", "attestation_replay", false),
  },
  {
    title: "The message came 91 seconds after its proof was made, one more than 60 + 30.",
    now: now + 91,
    message: call,
    error: refusal(-31003, "Attestation expired", "attestation_expired", true, { serverTime: now + 91 }),
  },
  {
    title: "A stateless client knows nothing of attestation.",
    now,
    message: stateless,
    error: refusal(-32021, "Attestation required but not provided", "attestation_required", true, {
      requiredCapabilities: { extensions: { "io.github.attest/agent-attestation": {} } },
    }),
  },
];

const json = (value) => `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
const wrapped = (text) => text.match(/.{1,100}/g).join("\n");
const plain = (text) => `\`\`\`text\n${text}\n\`\`\``;
/** A message with tokens shortened, to show where they are. */
const shortened = (value) =>
  JSON.parse(JSON.stringify(value).replace(/(ey[\w-]{6})[\w-]+\.[\w-]+\.[\w-]+?([\w-]{6})(?=["~])/g, "$1…$2"));

const last = layersAndChains(
  { now, audience, agentKey, attestation, boundClaims, params, refusal },
  { jws, sha256, canonical, publicHalf },
  { json, plain, wrapped, shortened },
);

const examples = {
  about: "The worked examples of SPEC.md. Made by spec/worked-examples.mjs; the keys are those of RFC 8032 §7.1.",
  now,
  audience,
  issuer,
  trustDomain: "example.com",
  authorityKey: publicHalf(authorityKey),
  agentKey,
  attestation,
  call,
  response,
  post,
  delete: del,
  ticket: {
    ringSecret: ringSecret.toString("base64url"),
    asking,
    grant,
    key: ticketKey.toString("base64url"),
    post: macPost,
  },
  initialize,
  refusals,
  ...last.examples,
};

const http = ({ method: verb, fields: named, body: content }) =>
  plain(
    [
      `${verb} /mcp HTTP/1.1`,
      "Host: bank.example",
      ...Object.entries(named).map(([name, value]) => `${name}: ${value}`),
    ]
      .map((line) => line.replace(/(ey[\w-]{6})\S+(\S{6})$/, "$1…$2"))
      .concat(content ? ["Content-Type: application/json", "", content] : [])
      .join("\n"),
  );

const section = `
Tokens are broken into lines of 100 characters here; shortened ones have an ellipsis. Everything in full is in
[\`spec/examples.json\`](spec/examples.json). The time is ${now}. The keys are those of RFC 8032 §7.1, tests 1 (authority)
and 2 (agent), and must not be used for anything.

### 15.1 The authority's key, as it is published

${json({ keys: [{ ...publicHalf(authorityKey), use: "sig" }] })}

The server has configured: issuer \`${issuer}\`, trust level \`provider\`, trust domain \`example.com\`; its own name is
\`${audience}\`.

### 15.2 A bound attestation

Header and claims:

${json(boundHeader)}

${json(boundClaims)}

The attestation:

${plain(wrapped(attestation))}

### 15.3 A tool call, credentials in the message

The client wants to send:

${json({ jsonrpc: "2.0", id: 1, method, params })}

The RFC 8785 form of method and params, and the claims of the proof over it:

${plain(callText)}

${json(callClaims)}

The proof:

${plain(wrapped(prove(callClaims)))}

What is sent:

${json(shortened(call))}

### 15.4 The answer to an elicitation, credentials in the message

What is digested, and what is sent:

${plain(responseText)}

${json(shortened(response))}

### 15.5 A request over Streamable HTTP, credentials in fields

The claims of the proof, and the request. \`ath\` is the hash of \`${accessToken}\`:

${json(postClaims)}

${http(post)}

### 15.6 The end of that session

\`body_digest\` is the hash of nothing.

${json(deleteClaims)}

${http(del)}

### 15.7 A bearer attestation at \`initialize\`, as in 0.1.0

${json(bearerHeader)}

${json(bearerClaims)}

${json(shortened(initialize))}

### 15.8 Refusals

${refusals.map(({ title, error }) => `${title}\n\n${json(error)}`).join("\n\n")}

### 15.9 A ticket, and a request over Streamable HTTP proved by a MAC

The X25519 keys are those of RFC 7748 §6.1: Alice's are the agent's, Bob's the server's. The ring has one secret, the ASCII of
\`${ringSecret}\`. The call of 15.3 is sent again, and asks. The claims of its proof:

${json(askingClaims)}

The answer's \`_meta["io.github.attest/ticket-grant"]\`, here for reading in lines as HTTP has it:

${plain(wrapped(`ticket="${grant.ticket}", epk="${grant.epk}", expires_in=${grant.expires_in}`))}

The shared secret is that of RFC 7748. The info of the ticket's key, and the key, in base64url:

${plain(keyInfo.join("\n"))}

${plain(ticketKey.toString("base64url"))}

The ten lines that are MACed for the request of 15.5, and the MAC proof that takes the place of the proof there:

${plain(macLines.join("\n"))}

${plain(wrapped(macProof))}

${last.section}
`;

const specification = readFileSync(SPEC, "utf8");
const [before, rest] = specification.split(BEGIN);
const after = rest?.split(END)[1];
if (after === undefined) throw new Error(`SPEC.md lacks the markers ${BEGIN} and ${END}`);
const made = [
  [SPEC, `${before}${BEGIN}\n${section}\n${END}${after}`],
  [EXAMPLES, `${JSON.stringify(examples, null, 2)}\n`],
];
for (const [file, content] of made) {
  if (!process.argv.includes("--check")) writeFileSync(file, content);
  else if (readFileSync(file, "utf8") !== content) {
    console.error(`${file.pathname} is not what spec/worked-examples.mjs makes: run it and look at the difference`);
    process.exit(1);
  }
}
