import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { AttestationEvent } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestingAgent, attestFetch, localSource } from "@attest/mcp-client";
import { AttestationGuard, attestationOf, attestNodeHandler, attestServer } from "@attest/mcp-server";
import {
  StreamableHTTPClientTransport as V2HttpTransport,
  type OAuthClientProvider as V2Provider,
} from "@modelcontextprotocol/client";
import type { OAuthClientProvider } from "@modelcontextprotocol/sdk/client/auth.js";
import { StreamableHTTPClientTransport as V1HttpTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { InvalidTokenError } from "@modelcontextprotocol/sdk/server/auth/errors.js";
import { requireBearerAuth } from "@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import type { OAuthTokens } from "@modelcontextprotocol/sdk/shared/auth.js";
import express from "express";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ClientGeneration, newClient } from "./harness.ts";

let authority: TestAuthority;
let server: Server;
let origin: string;
let events: AttestationEvent[];
/** The access token that the server accepts at the moment, and how often it was refreshed. */
let accepted: string;
let refreshes: number;
/** Fields of requests that were not for the MCP endpoint. */
let elsewhere: string[];

beforeEach(async () => {
  authority = await createTestAuthority();
  events = [];
  elsewhere = [];
  accepted = "access-1";
  refreshes = 0;
  const observer = { onEvent: (event: AttestationEvent) => void events.push(event) };
  const guard = new AttestationGuard({ ...authority.verifierOptions, observer });
  const app = express();
  app.use((req, _, next) => {
    if (req.path !== "/mcp") elsewhere.push(...Object.keys(req.headers));
    next();
  });
  app.get("/.well-known/oauth-protected-resource{/*path}", (_, res) => {
    res.json({ resource: `${origin}/mcp`, authorization_servers: [origin] });
  });
  app.get("/.well-known/oauth-authorization-server{/*path}", (_, res) => {
    res.json({
      issuer: origin,
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      response_types_supported: ["code"],
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["none"],
    });
  });
  app.post("/token", (_, res) => {
    accepted = `access-${++refreshes + 1}`;
    res.json({ access_token: accepted, token_type: "Bearer", refresh_token: "refresh", expires_in: 3600 });
  });
  const verifier = {
    verifyAccessToken: async (token: string) => {
      if (token !== accepted) throw new InvalidTokenError("Stale");
      return { token, clientId: "agent", scopes: [], expiresAt: Math.floor(Date.now() / 1000) + 3600 };
    },
  };
  // OAuth first, then the attestation: what OAuth refuses uses up no proof.
  const handler = attestNodeHandler(async (req, res, body) => {
    const own = attestServer(new McpServer({ name: "oauth", version: "1.0.0" }), guard);
    own.registerTool("whoami", {}, (extra) => ({
      content: [{ type: "text", text: `${extra.authInfo?.clientId} ${attestationOf(extra)?.subject}` }],
    }));
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    await own.connect(transport as Parameters<McpServer["connect"]>[0]);
    await transport.handleRequest(req, res, body);
  }, guard);
  const resourceMetadataUrl = "/.well-known/oauth-protected-resource/mcp";
  app.all("/mcp", (req, res, next) => {
    requireBearerAuth({ verifier, resourceMetadataUrl: origin + resourceMetadataUrl })(req, res, next);
  });
  app.all("/mcp", handler);
  server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A client's own memory of OAuth: it has a refresh token, and an access token that is stale. */
function oauthProvider(): OAuthClientProvider & V2Provider {
  let tokens: OAuthTokens = { access_token: "access-0", token_type: "Bearer", refresh_token: "refresh" };
  const metadata = { redirect_uris: ["http://127.0.0.1/"], token_endpoint_auth_method: "none" };
  return {
    redirectUrl: "http://127.0.0.1/",
    clientMetadata: metadata,
    clientInformation: () => ({ client_id: "agent", ...metadata, issuer: origin }),
    tokens: () => ({ ...tokens, issuer: origin }),
    saveTokens: (saved) => {
      tokens = { ...tokens, ...saved };
    },
    redirectToAuthorization: () => Promise.reject(new Error("Nobody is there to be asked")),
    saveCodeVerifier: () => {},
    codeVerifier: () => "",
  } as OAuthClientProvider & V2Provider;
}

describe.each<ClientGeneration>(["v1", "v2 handshake"])("an attesting %s client beside OAuth", (generation) => {
  it("is no replayer when a request is sent again after a 401 and a refresh, and shows OAuth no credentials (M6, M10)", async () => {
    const agent = new AttestingAgent({ source: localSource(authority.provider, authority.identity) });
    const url = new URL(`${origin}/mcp`);
    const fetch = attestFetch({ agent, audience: authority.audience, endpoint: url });
    const HttpTransport = generation === "v1" ? V1HttpTransport : V2HttpTransport;
    const client = newClient(generation);
    await client.connect(new HttpTransport(url, { fetch, authProvider: oauthProvider() }));
    const subject = "agent spiffe://example.com/model/example-1";
    expect((await client.callTool({ name: "whoami" })).content[0].text).toBe(subject);
    accepted = "revoked in the middle of the session";
    expect((await client.callTool({ name: "whoami" })).content[0].text).toBe(subject);
    expect(refreshes).toBe(2);
    expect(events.filter((event) => event.type === "guard" && event.action !== "forward")).toEqual([]);
    expect(fetch.attestation.status).toBe("verified");
    expect(elsewhere.length).toBeGreaterThan(0);
    expect(elsewhere.filter((name) => name.startsWith("agent-attestation"))).toEqual([]);
    await client.close();
  });
});
