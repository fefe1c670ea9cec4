import type { VerificationEvent } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestingAgent, attestationErrorOf, attestFetch, type FetchLike, localSource } from "@attest/mcp-client";
import { AttestationGuard } from "@attest/mcp-server";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { InvalidTokenError } from "@modelcontextprotocol/sdk/server/auth/errors.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createServerWithOAuth, type Listening, listen } from "../src/index.ts";

/** Users by access token; an authorization server's introspection in small. */
const TOKENS: Readonly<Record<string, { user: string; scopes: string[] }>> = {
  "token-of-ada": { user: "Ada", scopes: ["payments"] },
  "token-of-bob": { user: "Bob", scopes: ["payments"] },
  "token-that-may-look": { user: "Ada", scopes: ["accounts"] },
};

let authority: TestAuthority;
let server: Listening;
let url: URL;
let verifications: VerificationEvent[];

beforeEach(async () => {
  authority = await createTestAuthority();
  verifications = [];
  const guard = new AttestationGuard({
    ...authority.verifierOptions,
    observer: { onEvent: (event) => void (event.type === "verification" && verifications.push(event)) },
  });
  server = await listen(
    createServerWithOAuth({
      guard,
      verifier: {
        async verifyAccessToken(token) {
          const known = TOKENS[token];
          if (!known) throw new InvalidTokenError("Unknown token");
          const expiresAt = Math.floor(Date.now() / 1000) + 600;
          return { token, clientId: "agent", scopes: known.scopes, expiresAt, extra: { user: known.user } };
        },
      },
      resourceMetadataUrl: "https://bank.example/.well-known/oauth-protected-resource",
    }),
    { host: "127.0.0.1", port: 0 },
  );
  url = new URL(`http://127.0.0.1:${server.port}/mcp`);
});
afterEach(() => server.close());

/** Pays once as a client with this access token, attested or not. */
async function pay(token: string | undefined, options: { attested: boolean; send?: FetchLike }): Promise<string> {
  const agent = new AttestingAgent({ source: localSource(authority.provider, authority.identity) });
  const { audience } = authority;
  const fetch = attestFetch({ agent, audience, endpoint: url, ...(options.send && { fetch: options.send }) });
  const client = new Client({ name: "agent", version: "1.0.0" });
  const transport = new StreamableHTTPClientTransport(url, {
    ...(options.attested && { fetch }),
    requestInit: { headers: token === undefined ? {} : { Authorization: `Bearer ${token}` } },
  });
  try {
    await client.connect(transport as Parameters<Client["connect"]>[0]);
    const { content } = await client.callTool({ name: "pay", arguments: { to: "Eve", amount: 5 } });
    return (content as { text: string }[]).map(({ text }) => text).join();
  } finally {
    await client.close();
  }
}

describe("OAuth beside attestation", () => {
  it("lets a handler know both for whom and by which agent it is called", async () => {
    expect(await pay("token-of-ada", { attested: true })).toBe("5 to Eve for Ada, by example-1");
    expect(await pay("token-of-bob", { attested: true })).toBe("5 to Eve for Bob, by example-1");
  });

  it("sends a client without a token to log in, and looks at no attestation before", async () => {
    for (const token of [undefined, "token-of-nobody"]) {
      await expect(pay(token, { attested: true })).rejects.toMatchObject({ code: 401 });
    }
    await expect(pay("token-that-may-look", { attested: true })).rejects.toMatchObject({ code: 403 });
    expect(verifications).toEqual([]);
  });

  it("takes no token for an attestation", async () => {
    const refused = await pay("token-of-ada", { attested: false }).catch((error: unknown) => error);
    expect(attestationErrorOf(refused)?.reason).toBe("attestation_required");
  });

  it("lets nobody put another user's token beside an agent's proof (M5)", async () => {
    const swapping: FetchLike = (to, init = {}) => {
      const headers = new Headers(init.headers);
      headers.set("Authorization", "Bearer token-of-bob");
      return fetch(to, { ...init, headers });
    };
    const refused = await pay("token-of-ada", { attested: true, send: swapping }).catch((error: unknown) => error);
    expect(attestationErrorOf(refused)?.reason).toBe("attestation_proof_invalid");
    expect(verifications.map(({ code }) => code)).toEqual(["ERR_PROOF_ACCESS_TOKEN"]);
  });
});
