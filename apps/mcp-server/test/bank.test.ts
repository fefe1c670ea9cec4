import {
  AttestationIssuer,
  InMemoryKeyResolver,
  InMemoryReplayCache,
  KeyPair,
  systemClock,
  type ToolDefinition,
  type TrustedIssuer,
} from "@attest/core";
import { AttestingAgent, attestationErrorOf, attestFetch, localSource } from "@attest/mcp-client";
import { AttestationGuard } from "@attest/mcp-server";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CallRecord, createHttpServer, createHttpServerV1, type Listening, listen } from "../src/index.ts";

const AUDIENCE = "https://bank.example/mcp";
const ISSUERS: [TrustedIssuer, TrustedIssuer] = [
  { issuer: "https://models.example", trustLevel: "provider", trustDomains: ["example.com"] },
  { issuer: "https://idp.acme.example", trustLevel: "enterprise", trustDomains: ["acme.com"] },
];

const keyResolver = new InMemoryKeyResolver();
let providers: AttestationIssuer[];
let server: Listening;
let records: CallRecord[];
/** What the bank's operator has its tools say, in the place of its own words. */
let texts: Record<string, string>;

beforeEach(async () => {
  records = [];
  texts = {};
  providers = await Promise.all(
    ISSUERS.map(async ({ issuer }) => {
      const signer = await KeyPair.generate();
      await keyResolver.addKeyPair(issuer, signer);
      return new AttestationIssuer({ issuer, signer });
    }),
  );
});
afterEach(() => server.close());

/** An agent of one of the two issuers, connected. @param toolDefinition What its model was shown of a tool. */
async function clientOf(
  issuer: 0 | 1,
  safetyLevel: "standard" | "minimal" = "standard",
  toolDefinition: (name: string) => ToolDefinition | undefined = () => undefined,
): Promise<Client> {
  const provider = providers[issuer];
  if (!provider) throw new Error("There is no such issuer");
  const identity = { modelFamily: "m", modelVersion: "agent-1", provider: issuer === 0 ? "example" : "acme" };
  const attestationType = issuer === 0 ? "provider" : "enterprise";
  const source = localSource(provider, identity, { metadata: { attestationType, safetyLevel } });
  const endpoint = new URL(`http://127.0.0.1:${server.port}/mcp`);
  const fetch = attestFetch({ agent: new AttestingAgent({ source, toolDefinition }), audience: AUDIENCE, endpoint });
  const client = new Client({ name: "agent", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
  await client.connect(new StreamableHTTPClientTransport(endpoint, { fetch }));
  return client;
}

const CALLS = [
  ["list_accounts", {}],
  ["get_balance", { account: "savings" }],
  ["transfer", { to: "savings", amount: 5 }],
] as const;

/** What each of the three calls came to: the bank's words, or the reason of the refusal. */
async function outcomes(client: Client): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const [name, args] of CALLS) {
    try {
      const { content } = await client.callTool({ name, arguments: args });
      all.push((content as { text: string }[])[0]?.text);
    } catch (error) {
      all.push(attestationErrorOf(error)?.reason);
    }
  }
  await client.close();
  return all;
}

describe.each([
  ["v2", createHttpServer],
  ["v1", createHttpServerV1],
] as const)("the bank on the %s SDK", (_, create) => {
  beforeEach(async () => {
    // Of a process that has been running for a minute: it refuses what may be older than itself.
    const replayCache = new InMemoryReplayCache({ clock: () => systemClock() - 60 });
    const guard = new AttestationGuard({ audience: AUDIENCE, trustedIssuers: ISSUERS, keyResolver, replayCache });
    server = await listen(
      create(
        guard,
        (record) => records.push(record),
        () => texts,
      ),
      { host: "127.0.0.1", port: 0 },
    );
  });

  it("lets each agent use what its trust allows", async () => {
    expect(await outcomes(await clientOf(0))).toEqual([
      "savings, checking (for spiffe://example.com/model/agent-1)",
      "1200",
      "5 to savings, by order of agent-1 (provider)",
    ]);
    expect(await outcomes(await clientOf(1))).toEqual([
      "savings, checking (for spiffe://acme.com/model/agent-1)",
      "1200",
      "attestation_claims_insufficient",
    ]);
    expect((await outcomes(await clientOf(0, "minimal")))[2]).toBe("attestation_claims_insufficient");
  });

  it("records which agent called what, and why it was refused", async () => {
    await outcomes(await clientOf(1));
    const agent = {
      type: "call",
      trustLevel: "enterprise",
      subject: "spiffe://acme.com/model/agent-1",
      issuer: "https://idp.acme.example",
      keyThumbprint: expect.stringMatching(/^[\w-]{43}$/),
      proof: expect.stringMatching(/^(?:signature|mac)$/),
    };
    expect(records).toEqual([
      { ...agent, tool: "list_accounts", outcome: "served" },
      { ...agent, tool: "get_balance", outcome: "served" },
      { ...agent, tool: "transfer", outcome: "refused", reason: "attestation_claims_insufficient", code: "ERR_DEMAND" },
    ]);
    expect(new Set(records.map(({ keyThumbprint }) => keyThumbprint)).size).toBe(1);
  });

  it("closes an account only for an agent that has read what it says of that now (P1, SPEC-23.4, SPEC-23.6)", async () => {
    const shown = new Map<string, ToolDefinition>();
    const read = async (client: Client): Promise<void> => {
      for (const tool of (await client.listTools()).tools) shown.set(tool.name, tool);
    };
    const close = async (): Promise<unknown> => {
      const client = await clientOf(0, "standard", (name) => shown.get(name));
      if (shown.size === 0) await read(client);
      const came = await client.callTool({ name: "close_account", arguments: { account: "savings" } }).then(
        ({ content }) => (content as { text: string }[])[0]?.text,
        (error) => attestationErrorOf(error)?.reason,
      );
      // The next call is decided on by what is listed after this one.
      await read(client);
      await client.close();
      return came;
    };
    expect(await close()).toBe("savings closed, by order of agent-1");
    texts = { close_account: "Shows an account" };
    expect(await close()).toBe("attestation_definition_mismatch");
    expect(shown.get("close_account")).toMatchObject({ description: "Shows an account" });
    expect(await close()).toBe("savings closed, by order of agent-1");
    expect(records.map(({ outcome, code }) => code ?? outcome)).toEqual([
      "served",
      "ERR_DEFINITION_MISMATCH",
      "served",
    ]);
  });
});
