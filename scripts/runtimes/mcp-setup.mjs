// What the MCP programs share: one authority by its key, a guard that trusts it, a server with one tool, on either SDK.
import { AttestationIssuer, InMemoryKeyResolver, KeyPair } from "@attest/core";
import { AttestingAgent, localSource } from "@attest/mcp-client";
import { AttestationGuard, attestationOf } from "@attest/mcp-server";

const ISSUER = "https://authority.example";
export const AUDIENCE = "https://server.example/mcp";
export const SUBJECT = "spiffe://example.com/model/example-1";

/** The authority's private JWK; a program that starts servers passes it on in `ATTEST_AUTHORITY`. */
export const authorityJwk = process.env.ATTEST_AUTHORITY
  ? JSON.parse(process.env.ATTEST_AUTHORITY)
  : await (await KeyPair.generate()).toPrivateJwk();
const signer = await KeyPair.fromJwk(authorityJwk);

export function makeAgent() {
  const provider = new AttestationIssuer({ issuer: ISSUER, signer });
  const identity = { modelFamily: "example", modelVersion: "example-1", provider: "example" };
  return new AttestingAgent({ source: localSource(provider, identity) });
}

export async function makeGuard() {
  const keyResolver = new InMemoryKeyResolver();
  await keyResolver.addKeyPair(ISSUER, signer);
  const trustedIssuers = [{ issuer: ISSUER, trustLevel: "provider", trustDomains: ["example.com"] }];
  return new AttestationGuard({ trustedIssuers, keyResolver, audience: AUDIENCE });
}

/** @param McpServer The class of either SDK. */
export function makeServer(McpServer) {
  const server = new McpServer({ name: "server", version: "1.0.0" });
  server.registerTool("whoami", {}, (context) => ({
    content: [{ type: "text", text: attestationOf(context)?.subject ?? "nobody" }],
  }));
  return server;
}
