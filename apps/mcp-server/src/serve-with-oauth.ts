import { createServer, type Server } from "node:http";
import { type AttestationGuard, attestNodeHandler, attestServer, requireAttestation } from "@attest/mcp-server";
import { requireBearerAuth } from "@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js";
import type { OAuthTokenVerifier } from "@modelcontextprotocol/sdk/server/auth/provider.js";
import type { AuthInfo } from "@modelcontextprotocol/sdk/server/auth/types.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import express from "express";
import { z } from "zod";

/** What a handler of the v1 SDK receives when OAuth stands before it. */
type Context = { readonly authInfo?: AuthInfo };
type PayHandler = (args: { to: string; amount: number }, context: Context) => object;

/**
 * A worked example: attestation with OAuth, on the v1 SDK.
 *
 * The two say different things. The access token says for which *user* a request is made and what that user has allowed;
 * the attestation says which *agent* makes it. A payment here wants both: a user who has granted `payments`, and an agent
 * that a model provider attests. OAuth is asked first, so that a client without a token is sent to log in, and no proof is
 * used up for it; the proof then covers the very token it came with, so that neither can be swapped.
 */
export function createServerWithOAuth(options: {
  guard: AttestationGuard;
  /** Verifies access tokens, issued for this server by its authorization server. */
  verifier: OAuthTokenVerifier;
  /** Where clients learn which authorization server that is (RFC 9728). */
  resourceMetadataUrl: string;
}): Server {
  const { guard, verifier, resourceMetadataUrl } = options;
  const gate = attestNodeHandler(async (req, res, body) => {
    // A server and a transport for each request: nothing to steal between them.
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    res.once("close", () => transport.close());
    await buildServer(guard).connect(transport as Parameters<McpServer["connect"]>[0]);
    await transport.handleRequest(req, res, body);
  }, guard);

  const app = express();
  // No body parser before the gate: the proof covers the bytes as they came.
  app.use("/mcp", requireBearerAuth({ verifier, resourceMetadataUrl, requiredScopes: ["payments"] }), gate);
  return createServer(app);
}

function buildServer(guard: AttestationGuard): McpServer {
  const server = attestServer(new McpServer({ name: "bank-with-users", version: "1.0.0" }), guard);
  server.registerTool(
    "pay",
    { description: "Pays from the user's account", inputSchema: { to: z.string(), amount: z.number().positive() } },
    requireAttestation<PayHandler>({ minTrustLevel: "provider" }, ({ to, amount }, { attestation, authInfo }) => {
      const user = String(authInfo?.extra?.["user"]);
      return {
        content: [{ type: "text", text: `${amount} to ${to} for ${user}, by ${attestation.identity?.modelVersion}` }],
      };
    }) as never,
  );
  return server;
}
