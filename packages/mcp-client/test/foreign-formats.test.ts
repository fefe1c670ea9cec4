import { randomUUID } from "node:crypto";
import { AttestationVerifier, InMemoryReplayCache, type KeyPair, systemClock } from "@attest/core";
import { wimseWit } from "@attest/core/formats/wimse-wit";
import { createTestAuthority } from "@attest/core/testing";
import { AttestingAgent, attestationErrorOf, attestTransport } from "@attest/mcp-client";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type ForeignKey,
  foreignKey,
  ISSUER,
  svid,
  TRUST_DOMAIN,
  trusting,
  WORKLOAD,
  wit,
  workloadKey,
} from "../../core/test/foreign-authority.ts";
import { newClient, type ServerGeneration, ServerProcesses } from "./harness.ts";

let servers: ServerProcesses;
let key: ForeignKey;
let audience: string;
beforeAll(async () => {
  const authority = await createTestAuthority();
  audience = authority.audience;
  key = await foreignKey("ES256", "spire");
  servers = new ServerProcesses(authority);
});
afterAll(() => servers.close());

/** An agent whose platform gives it JWT-SVIDs, as the SPIFFE Workload API does: for an audience. */
const agentOf = (change: object = {}) => {
  let given: string | undefined;
  return new AttestingAgent({
    source: {
      getAttestation: () => Promise.reject(new Error("only JWT-SVIDs here")),
      async getBearerAttestation({ audience: aud }) {
        const now = Math.floor(Date.now() / 1000);
        // SPIRE's agent gives the same one until half of its life is over.
        given ??= await svid(key, { aud: [aud], iat: now, exp: now + 300, jti: randomUUID(), ...change });
        return given;
      },
    },
  });
};

describe.each<ServerGeneration>(["v1", "v2"])("an agent with JWT-SVIDs at a %s server", (generation) => {
  const settings = () => ({
    spiffe: { issuer: ISSUER, trustLevel: "provider", trustDomains: [TRUST_DOMAIN], keys: [key.toJwk()] } as const,
  });
  const wires = async () => [
    new StdioClientTransport(servers.stdio(generation, settings())),
    new StreamableHTTPClientTransport(await servers.startHttp(generation, "http-stateful", settings())),
  ];

  it("is known throughout the session that its token opened (SPEC-17.11)", async () => {
    for (const inner of await wires()) {
      const client = newClient("v1");
      const transport = attestTransport(inner, { agent: agentOf(), audience, bearer: true });
      await client.connect(transport);
      expect(transport.attestation).toMatchObject({ status: "verified", trustLevel: "provider" });
      const { content } = await client.callTool({ name: "protected", arguments: { n: 1 } });
      expect(content[0].text).toBe(`1 ${WORKLOAD}`);
      await client.close();
    }
  });

  it("is refused with one for another server, and with one that opened a session before (SPEC-17.8, SPEC-17.12, F5)", async () => {
    const url = await servers.startHttp(generation, "http-stateful", settings());
    const connect = (agent: AttestingAgent) =>
      newClient("v1").connect(
        attestTransport(new StreamableHTTPClientTransport(url), { agent, audience, bearer: true }),
      );
    const reason = (connecting: Promise<void>) => connecting.catch((error) => attestationErrorOf(error)?.reason);
    expect(await reason(connect(agentOf({ aud: "https://other.example" })))).toBe("attestation_invalid");
    const kept = agentOf();
    await connect(kept);
    expect(await reason(connect(kept))).toBe("attestation_replay");
  });
});

describe("an agent with WITs", () => {
  const witOf = async (workload: KeyPair, change: object = {}) => {
    const now = Math.floor(Date.now() / 1000);
    return wit(key, workload, { iat: now, exp: now + 300, jti: randomUUID(), ...change });
  };
  const configured = (signer: KeyPair, token: (signer: KeyPair) => Promise<string>) => {
    const source = { getAttestation: () => token(signer) };
    return new AttestingAgent({ source, signer, formats: [wimseWit] });
  };
  const request = { kind: "message", method: "tools/call", params: { name: "transfer" } } as const;
  const verifier = () =>
    new AttestationVerifier({
      ...trusting([key.toJwk("wit-svid")], [wimseWit]),
      audience,
      clock: systemClock,
      replayCache: new InMemoryReplayCache(),
    });

  it("proves each message by the key that the WIT names, and keeps the WIT (SPEC-17.14)", async () => {
    const tokens: string[] = [];
    const agent = configured(await workloadKey(), async (signer) => {
      tokens.push(await witOf(signer));
      return tokens.at(-1) ?? "";
    });
    const server = verifier();
    for (let i = 0; i < 2; i++) {
      const { attestation, proof } = await agent.credentialsFor(audience, request);
      const result = await server.verify(attestation, { ...request, proof });
      expect(result).toMatchObject({ verified: true, format: "wimse-wit", subject: WORKLOAD });
    }
    expect(tokens).toHaveLength(1);
  });

  it("takes a WIT without iat from when it came", async () => {
    const agent = configured(await workloadKey(), (signer) => witOf(signer, { iat: undefined }));
    const { attestation } = await agent.credentialsFor(audience, request);
    expect((await agent.credentialsFor(audience, request)).attestation).toBe(attestation);
  });

  it.each<[string, (signer: KeyPair) => Promise<string>]>([
    ["a WIT for another key", async () => witOf(await workloadKey())],
    ["a JWT-SVID", () => svid(key, { aud: [audience] })],
    ["a WIT without exp", (signer) => witOf(signer, { exp: undefined })],
  ])("takes nothing else: %s", async (_, token) => {
    const agent = configured(await workloadKey(), token);
    await expect(agent.credentialsFor(audience, request)).rejects.toMatchObject({ code: "ERR_SOURCE_UNAVAILABLE" });
  });

  it("takes no WIT unless it is told of the format, and no format that is none", async () => {
    const signer = await workloadKey();
    const source = { getAttestation: () => witOf(signer) };
    const agent = new AttestingAgent({ source, signer });
    await expect(agent.credentialsFor(audience, request)).rejects.toMatchObject({ code: "ERR_SOURCE_UNAVAILABLE" });
    expect(() => new AttestingAgent({ source, formats: [{ ...wimseWit }] })).toThrow("formats");
  });
});
