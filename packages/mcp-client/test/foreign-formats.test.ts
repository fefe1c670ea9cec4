import { randomUUID } from "node:crypto";
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
  WORKLOAD,
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
