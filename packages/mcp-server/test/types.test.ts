import { type AdmittedAgent, type AttestationGuard, attestServer, requireAttestation } from "@attest/mcp-server";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { expect, expectTypeOf, it } from "vitest";

it("takes the SDK's own servers and handler forms as they are typed", () => {
  const server = new McpServer({ name: "typed", version: "1.0.0" });
  server.registerTool(
    "without-arguments",
    {},
    requireAttestation({}, ({ attestation }) => {
      expectTypeOf(attestation).toEqualTypeOf<AdmittedAgent>();
      return { content: [] };
    }),
  );
  server.registerResource(
    "resource",
    "bank://accounts",
    {},
    requireAttestation({}, (uri, { attestation }) => ({ contents: [{ uri: uri.href, text: attestation.subject }] })),
  );
  server.registerPrompt(
    "prompt",
    {},
    requireAttestation({}, ({ attestation }) => ({
      messages: [{ role: "user", content: { type: "text", text: attestation.subject } }],
    })),
  );
  expectTypeOf(attestServer<McpServer>).parameters.toEqualTypeOf<[McpServer, AttestationGuard]>();
  expectTypeOf(attestServer<Server>).parameters.toEqualTypeOf<[Server, AttestationGuard]>();
  expect(() => requireAttestation({ minTrustLevel: "root" as "provider" }, () => 1)).toThrow("minTrustLevel");
  expect(() => requireAttestation({ subject: "" }, () => 1)).toThrow("subject");
  expect(() => requireAttestation({ claims: { safety_level: "standard" } }, () => 1)).toThrow(/safety_level.*pointer/);
  expect(() => requireAttestation({ claims: { "/exp": [] } }, () => 1)).toThrow("/exp");
});
