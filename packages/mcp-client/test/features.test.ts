import { EXTENSION, VERSION } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestingAgent, attestTransport, delegatingSource, localSource } from "@attest/mcp-client";
import { beforeAll, describe, expect, it } from "vitest";
import { type Json, requestOf } from "./raw-wire.ts";

let authority: TestAuthority;
beforeAll(async () => {
  authority = await createTestAuthority();
});

const agentWith = (options: { tickets?: boolean } = {}) =>
  new AttestingAgent({ source: localSource(authority.provider, authority.identity), ...options });

/** The declarations that a client makes, in `initialize` and in a stateless request. */
async function declarationsOf(agent: AttestingAgent): Promise<readonly [unknown, unknown]> {
  const sent: Json[] = [];
  const inner = {
    onmessage: undefined,
    send: async (message: unknown) => void sent.push((message as { params: Json }).params),
  };
  const transport = attestTransport(inner, { agent, audience: authority.audience });
  await transport.send({ jsonrpc: "2.0", id: 1, method: "initialize", params: { capabilities: {} } });
  await transport.send(requestOf("stateless", 2, "tools/list"));
  const [initialize, list] = sent as [{ capabilities: { experimental: Json } }, { _meta: Record<string, Json> }];
  const { extensions } = list._meta["io.modelcontextprotocol/clientCapabilities"] as { extensions: Json };
  return [initialize.capabilities.experimental["security.attestation"], extensions[EXTENSION]];
}

describe("the features that a client declares", () => {
  it.each<[string, () => AttestingAgent, readonly string[]]>([
    ["tickets", () => agentWith(), ["tickets"]],
    ["no tickets", () => agentWith({ tickets: false }), []],
    ["a chain", () => new AttestingAgent({ source: delegatingSource(agentWith()) }), ["tickets", "delegation"]],
    [
      "a chain and no tickets",
      () => new AttestingAgent({ source: delegatingSource(agentWith()), tickets: false }),
      ["delegation"],
    ],
  ])("are those that it uses: %s (SPEC-4.33)", async (_, agent, features) => {
    const version = "0.2.0";
    expect(await declarationsOf(agent())).toMatchObject([
      { version, features },
      { version, features },
    ]);
  });

  it("are the same when a request is sent again, as its proof covers them, though the agent is a sub-agent by then", async () => {
    let source = localSource(authority.provider, authority.identity);
    const parent = agentWith();
    let now = Math.floor(Date.now() / 1000);
    const agent = new AttestingAgent({
      clock: () => now,
      source: { getAttestation: (ask) => source.getAttestation(ask) },
    });
    const sent: Json[] = [];
    const inner = {
      onmessage: undefined as ((message: Json) => void) | undefined,
      send: async (message: unknown) => void sent.push(message as Json),
    };
    const transport = attestTransport(inner, { agent, audience: authority.audience });
    transport.onmessage = () => {};
    await transport.send(requestOf("stateless", 1, "tools/list"));
    source = delegatingSource(parent);
    now += 400;
    const data = { extension: EXTENSION, reason: "attestation_expired", policy: "required", retryable: true };
    inner.onmessage?.({ jsonrpc: "2.0", id: 1, error: { code: -31003, message: "Expired", data } });
    await expect.poll(() => sent.length).toBe(2);
    const [first, again] = sent.map(({ params }) => (params as { _meta: Json })._meta) as [Json, Json];
    expect(again["io.github.attest/attestation"]).toContain("~");
    const declared = "io.modelcontextprotocol/clientCapabilities";
    expect(again[declared]).toEqual(first[declared]);
  });
});

it("declares a version that stands apart from that of attestations (SPEC-4.32)", async () => {
  const [capability, extension] = await declarationsOf(agentWith());
  expect([capability, extension]).toMatchObject([{ version: "0.2.0" }, { version: "0.2.0" }]);
  expect(VERSION.attestation).toBe("0.2.0");
});
