import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import { CAPABILITY } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestingAgent, attestationErrorOf, attestTransport, localSource } from "@attest/mcp-client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import wire from "./fixtures/wire-0.1.0.json" with { type: "json" };
import { newClient, type ServerGeneration, ServerProcesses } from "./harness.ts";

let authority: TestAuthority;
let agent: AttestingAgent;
let servers: ServerProcesses;

beforeAll(async () => {
  authority = await createTestAuthority();
  agent = new AttestingAgent({ source: localSource(authority.provider, authority.identity) });
  servers = new ServerProcesses(authority);
});
afterAll(() => servers.close());

type Json = Record<string, Record<string, unknown>>;
const partsOf = (token: string) =>
  token.split(".").map((part, i) => (i < 2 ? (JSON.parse(Buffer.from(part, "base64url").toString()) as Json) : part));
const namesIn = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value)
          .sort()
          .map(([name, inner]) => [name, namesIn(inner)]),
      )
    : typeof value;

/** A server that speaks 0.1.0 as the reference does, and remembers what came. */
async function referenceServer(answer: object) {
  const [clientSide, serverSide] = InMemoryTransport.createLinkedPair();
  const received: Record<string, unknown>[] = [];
  serverSide.onmessage = (message) => {
    received.push(message as Record<string, unknown>);
    if (!("method" in message) || message.method !== "initialize") return;
    void serverSide.send({ jsonrpc: "2.0", id: (message as { id: number }).id, ...answer } as never);
  };
  await serverSide.start();
  return { clientSide, received };
}

const initialized = (capability: object) => ({
  result: {
    protocolVersion: "2025-06-18",
    serverInfo: { name: "reference", version: "0.1.0" },
    capabilities: { experimental: { [CAPABILITY]: capability } },
  },
});

describe("a client in bearer mode at a 0.1.0 server", () => {
  it("sends at initialize what the reference client sends, with a token that its key verifies", async () => {
    const { clientSide, received } = await referenceServer(initialized(wire.serverCapabilityAfter.verified));
    const transport = attestTransport(clientSide, { agent, audience: wire.audience, bearer: true });
    const client = new Client({ name: "test", version: "1.0.0" });
    await client.connect(transport);
    expect(transport.attestation).toEqual({ status: "verified", trustLevel: "provider", policy: "required" });

    const [initialize, notification] = received as [{ params: typeof wire.initializeParams }, object];
    const { token, ...declared } = initialize.params.capabilities.experimental[CAPABILITY];
    const { token: reference, ...theirs } = wire.initializeParams.capabilities.experimental[CAPABILITY];
    expect(Object.keys(declared).sort()).toEqual(Object.keys(theirs).sort());
    expect(declared).toMatchObject({ version: "0.1.0", attestation_types: theirs.attestation_types });
    expect(declared.supported_algorithms).toEqual(expect.arrayContaining(theirs.supported_algorithms));
    const [header, payload] = partsOf(token);
    const [theirHeader, theirPayload] = partsOf(reference) as [Json, Json];
    expect(header).toMatchObject({ typ: "JWT", alg: "EdDSA" });
    expect(Object.keys(header as object).sort()).toEqual(Object.keys(theirHeader).sort());
    const { deployment_id: _, ...identity } = theirPayload["agent_identity"] ?? {};
    expect(namesIn(payload)).toEqual(namesIn({ ...theirPayload, agent_identity: identity }));
    expect(payload).toMatchObject({ aud: wire.audience, jti: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4/) });

    const key = createPublicKey({ key: { ...authority.authorityKey.toJwk() } as JsonWebKey, format: "jwk" });
    const [signed, signature] = [token.slice(0, token.lastIndexOf(".")), token.slice(token.lastIndexOf(".") + 1)];
    expect(verify(null, Buffer.from(signed), key, Buffer.from(signature, "base64url"))).toBe(true);
    expect(JSON.stringify(notification)).not.toContain("attest");
    await client.close();
  });

  it("reads the object form of verified_claims, and a failure told in the capability", async () => {
    const verified = { ...wire.serverCapabilityAfter.verified, verified_claims: { agent_identity: {} } };
    for (const [capability, status] of [
      [verified, "verified"],
      [wire.serverCapabilityAfter.replay, "failed"],
    ] as const) {
      const { clientSide } = await referenceServer(initialized(capability));
      const transport = attestTransport(clientSide, { agent, audience: wire.audience, bearer: true });
      const client = new Client({ name: "test", version: "1.0.0" });
      await client.connect(transport);
      expect(transport.attestation.status).toBe(status);
      await client.close();
    }
  });

  it("takes a refusal as it was told, and sends nothing a second time (M6)", async () => {
    const { clientSide, received } = await referenceServer({ error: wire.errorResponse.replay.error });
    const transport = attestTransport(clientSide, { agent, audience: wire.audience, bearer: true });
    const refused = new Client({ name: "test", version: "1.0.0" }).connect(transport);
    await expect(refused).rejects.toMatchObject({ code: -32002 });
    expect(received.filter(({ method }) => method === "initialize")).toHaveLength(1);
  });
});

describe.each<ServerGeneration>(["v1", "v2"])("a client in bearer mode at a %s server of ours", (generation) => {
  it("is known throughout the session that its token opened, where that is allowed (T23)", async () => {
    const { audience } = authority;
    const stdio = new StdioClientTransport(servers.stdio(generation, { allowBearer: true }));
    const http = new StreamableHTTPClientTransport(
      await servers.startHttp(generation, "http-stateful", { allowBearer: true }),
    );
    for (const inner of [stdio, http]) {
      const client = newClient("v1");
      const transport = attestTransport(inner, { agent, audience, bearer: true });
      await client.connect(transport);
      expect(transport.attestation).toMatchObject({ status: "verified", trustLevel: "provider" });
      const { content } = await client.callTool({ name: "protected", arguments: { n: 1 } });
      expect(content[0].text).toBe("1 spiffe://example.com/model/example-1");
      if (inner === http) await http.terminateSession();
      await client.close();
    }
  });

  it("is refused where it is not, and where no session can remember it (T23)", async () => {
    const { audience } = authority;
    const refusing = new StdioClientTransport(servers.stdio(generation));
    const connecting = newClient("v1").connect(attestTransport(refusing, { agent, audience, bearer: true }));
    expect(await connecting.catch((error) => attestationErrorOf(error)?.reason)).toBe("attestation_invalid");
    await refusing.close();
    const url = await servers.startHttp(generation, "http-stateless", { allowBearer: true });
    const client = newClient("v1");
    const transport = attestTransport(new StreamableHTTPClientTransport(url), { agent, audience, bearer: true });
    const calling = client.connect(transport).then(() => client.callTool({ name: "whoami" }));
    await expect(calling).rejects.toThrow();
    await client.close();
  });
});
