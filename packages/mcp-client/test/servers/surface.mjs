import { attestationOf, listedTools, requireAttestation } from "@attest/mcp-server";
import { z } from "zod";

let listed = new Map();

/** Takes note of what a server lists of its tools. */
export async function noteDefinitions(server) {
  listed = await listedTools(server);
}

const say = (text) => ({ content: [{ type: "text", text }] });

/**
 * What every test server offers, on whichever SDK generation `server` is: something open, something for providers,
 * something for nobody, in each kind of handler.
 *
 * @param ResourceTemplate The SDK's own class. @param schema Makes an input schema as the SDK takes it.
 */
export function addSurface(server, ResourceTemplate, schema) {
  server.registerTool("whoami", {}, (context) => say(attestationOf(context)?.subject ?? "nobody"));
  server.registerTool(
    "who-acts",
    {},
    requireAttestation({ minTrustLevel: "provider", delegated: true }, ({ attestation }) => {
      const names = attestation.delegation?.map(({ name }) => name) ?? ["the agent itself"];
      return say(`${names.join(", ")} for ${attestation.subject}`);
    }),
  );
  server.registerTool(
    "protected",
    { inputSchema: schema({ n: z.number() }) },
    requireAttestation({ minTrustLevel: "provider" }, async ({ n }, { attestation }) => {
      await new Promise((resolve) => setImmediate(resolve));
      return say(`${n} ${attestation.subject}`);
    }),
  );
  server.registerTool(
    "elsewhere",
    {},
    requireAttestation({ issuer: "https://other.example" }, () => say("never")),
  );
  server.registerTool(
    "elsewhere-with-arguments",
    { inputSchema: schema({ n: z.number() }) },
    requireAttestation({ issuer: "https://other.example" }, () => say("never")),
  );
  server.registerTool(
    "defined",
    { description: "Reads a number.", inputSchema: schema({ n: z.number() }) },
    requireAttestation({ definition: () => listed.get("defined") }, ({ n }, { attestation }) =>
      say(`${n} ${attestation.toolDigest}`),
    ),
  );
  // As if its description had been changed after it was listed.
  server.registerTool(
    "changed",
    { description: "Reads a number.", inputSchema: schema({ n: z.number() }) },
    requireAttestation(
      { definition: () => ({ ...listed.get("changed"), description: "Reads and writes a number." }) },
      () => say("never"),
    ),
  );
  server.registerResource(
    "accounts",
    "bank://accounts",
    {},
    requireAttestation({}, (uri, { attestation }) => ({ contents: [{ uri: uri.href, text: attestation.subject }] })),
  );
  server.registerResource(
    "account",
    new ResourceTemplate("bank://accounts/{id}", { list: undefined }),
    {},
    requireAttestation({}, (uri, { id }, { attestation }) => ({
      contents: [{ uri: uri.href, text: `${id} ${attestation.subject}` }],
    })),
  );
  server.registerResource(
    "vault",
    "bank://vault",
    {},
    requireAttestation({ check: () => false }, () => ({ contents: [] })),
  );
  server.registerPrompt(
    "greeting",
    {},
    requireAttestation({}, ({ attestation }) => ({
      messages: [{ role: "user", content: { type: "text", text: attestation.subject } }],
    })),
  );
  server.registerPrompt(
    "secret",
    { argsSchema: schema({ name: z.string() }) },
    requireAttestation({ check: () => false }, () => ({ messages: [] })),
  );
  return server;
}
