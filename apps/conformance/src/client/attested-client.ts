// A client that holds an attestation, on the SDK of the version of MCP that it is asked to speak: what the scenario for clients drives.
// Usage: MCP_CONFORMANCE_CONTEXT='{…}' node attested-client.js URL
import { KeyPair } from "@attest/core";
import { AttestingAgent, attestFetch } from "@attest/mcp-client";
import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const endpoint = new URL(process.argv[2] ?? "");
const { audience, attestation, jwk, accessToken } = JSON.parse(process.env["MCP_CONFORMANCE_CONTEXT"] ?? "{}");
const signer = await KeyPair.fromJwk(jwk);
const agent = new AttestingAgent({ source: { getAttestation: async () => attestation }, signer });
const fetch = attestFetch({ agent, audience, endpoint });
const options = { fetch, requestInit: { headers: { Authorization: `Bearer ${accessToken}` } } };
const info = { name: "attested-client", version: "1.0.0" };

/** What both SDKs' clients have in common. */
interface AnyClient {
  listTools(): Promise<{ tools: { name: string }[] }>;
  callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  close(): Promise<void>;
}

async function connect(): Promise<AnyClient> {
  if (process.env["MCP_CONFORMANCE_PROTOCOL_VERSION"] === "2025-11-25") {
    const client = new ClientV1(info);
    // The SDK's own types disagree on optional members under exactOptionalPropertyTypes.
    await client.connect(new TransportV1(endpoint, options) as Parameters<ClientV1["connect"]>[0]);
    return client;
  }
  const client = new ClientV2(info, { versionNegotiation: { mode: "auto" } });
  await client.connect(new TransportV2(endpoint, options));
  return client;
}

const client = await connect();
const { tools } = await client.listTools();
for (const { name } of tools) {
  try {
    await client.callTool({ name, arguments: {} });
  } catch {
    // Most are refused, as the scenario wants.
  }
}
await client.close();
