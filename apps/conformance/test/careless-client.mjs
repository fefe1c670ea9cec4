// A client that makes one proof and sends it with everything, sends everything that is refused twice more, and follows redirects.
import { createProof, KeyPair } from "@attest/core";

const url = process.argv[2];
const { audience, attestation, jwk } = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT);
const signer = await KeyPair.fromJwk(jwk);
const fields = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
const meta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "careless-client", version: "1.0.0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

async function request(method, params) {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { ...params, _meta: meta } });
  const standard = {
    "MCP-Protocol-Version": "2026-07-28",
    "Mcp-Method": method,
    ...(params.name && { "Mcp-Name": params.name }),
  };
  const proof = await createProof({
    attestation,
    signer,
    audience,
    request: { kind: "http", method: "POST", body: Buffer.from(body) },
  });
  const headers = { ...fields, ...standard, "Agent-Attestation": attestation, "Agent-Attestation-Proof": proof };
  for (let attempt = 0; attempt < 3; attempt++) {
    const response = await fetch(url, { method: "POST", headers, body });
    const text = await response.text();
    if (response.ok && !text.includes('"error"')) return text;
  }
  return "";
}

const listed = await request("tools/list", {});
for (const [, name] of listed.matchAll(/"name":"(\w+)"/g)) await request("tools/call", { name, arguments: {} });
