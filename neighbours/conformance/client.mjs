// A client of the SDK as it is published, which does what the scenarios of the conformance suite for clients want to see: it calls
// every tool, or those that the suite names, reads every resource and gets every prompt. Usage: node client.mjs URL
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const [url] = process.argv.slice(2);
const { MCP_CONFORMANCE_PROTOCOL_VERSION: version, MCP_CONFORMANCE_CONTEXT: context = "{}" } = process.env;
const STATELESS = "2026-07-28";

const client = new Client(
  { name: "conformance", version: "1.0.0" },
  {
    capabilities: { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} },
    ...(version === STATELESS && { versionNegotiation: { mode: { pin: STATELESS } } }),
  },
);
client.setRequestHandler("elicitation/create", () => ({ action: "accept", content: {} }));
client.setRequestHandler("sampling/createMessage", () => ({
  model: "none",
  role: "assistant",
  content: { type: "text", text: "sampled" },
}));
client.setRequestHandler("roots/list", () => ({ roots: [] }));
await client.connect(new StreamableHTTPClientTransport(new URL(url)));

const { tools } = await client.listTools();
const schemas = new Map(tools.map(({ name, inputSchema }) => [name, inputSchema]));
/** An argument for a property of a schema. */
const fitting = (property) => {
  if (property === "schema") return schemas.get("json_schema_2020_12_tool");
  return property.length === 1 ? 1 : "said";
};
const calls =
  JSON.parse(context).toolCalls ??
  tools.map(({ name, inputSchema: { properties = {} } }) => ({
    name,
    arguments: Object.fromEntries(Object.keys(properties).map((each) => [each, fitting(each)])),
  }));
for (const call of calls) await tried(client.callTool(call));
const { resources: reads, prompts: gives } = client.getServerCapabilities();
for (const { uri } of reads ? (await client.listResources()).resources : []) await tried(client.readResource({ uri }));
for (const { name } of gives ? (await client.listPrompts()).prompts : []) await tried(client.getPrompt({ name }));
await client.close();

/** What one scenario refuses on purpose must not keep the client from the rest. */
async function tried(asked) {
  await asked.catch((error) => console.error(String(error)));
}
