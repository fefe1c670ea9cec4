import { createMacProof, createProof, HTTP_FIELDS, META_TICKET_GRANT, type Ticket, TicketAsk } from "@attest/core";
import {
  AttestationGuard,
  attestHandler,
  attestNodeHandler,
  attestServer,
  type GuardSettings,
  requireAttestation,
} from "@attest/mcp-server";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { beforeEach, describe, expect, it } from "vitest";
import { IndependentAgent } from "./independent-agent.ts";
import { createScene, listen, reasonOf, request, type Scene } from "./support.ts";

const START = 1_800_000_000;
let now = START;
let scene: Scene;
let attestation: string;
beforeEach(async () => {
  now = START;
  scene = await createScene(() => now);
  attestation = await scene.authority.attest();
});

const call = request(1, "tools/call", { name: "transfer", arguments: {} });

/** Checks a message in HTTP fields, signed with an ask or proved by a ticket. */
async function checkHttp(guard: ReturnType<Scene["guard"]>, message: object, ticket?: Ticket) {
  const { agentKey: signer, audience, clock } = scene.authority;
  const body = new TextEncoder().encode(JSON.stringify(message));
  const of = { attestation, audience, clock, request: { kind: "http", method: "POST", body } as const };
  const ask = await TicketAsk.begin();
  const proof = await (ticket ? createMacProof({ ...of, ticket }) : createProof({ ...of, signer, ticketKey: ask.epk }));
  const decision = await guard.check(message, undefined, { method: "POST", body, attestation, proof });
  const granted = decision.action === "forward" ? decision.ticket : undefined;
  return { decision, granted, ticket: await ask.complete(granted, { proof, audience, thumbprint: signer.kid }) };
}

describe("a guard", () => {
  it("grants in the head of an answer what was asked for in fields, and takes MACs under it (SPEC-19.9)", async () => {
    const guard = scene.guard();
    const { ticket } = await checkHttp(guard, call);
    const { decision } = await checkHttp(guard, call, ticket);
    expect(decision).toMatchObject({ action: "forward", attestation: { proof: "mac" } });
    expect(scene.guarded().map(({ proof }) => proof)).toEqual(["signature", "mac"]);
  });

  it("lets handlers know what proved the call (SPEC-19.29)", async () => {
    const guard = scene.guard();
    const { ticket } = await checkHttp(guard, call);
    const { decision } = await checkHttp(guard, call, ticket);
    if (decision.action !== "forward") throw new Error("refused");
    let seen: unknown;
    const handler = requireAttestation(
      {},
      (_args: object, { attestation }: { readonly attestation: { readonly proof: string } }) => {
        seen = attestation.proof;
      },
    );
    const { params } = decision.message as { params: { _meta: object } };
    await handler({}, params as never);
    expect(seen).toBe("mac");
    expect(scene.events.at(-1)).toMatchObject({ type: "demand", outcome: "met", proof: "mac" });
  });

  it("never grants with a refusal, and not for a message that it does not let through (SPEC-19.3)", async () => {
    const guard = scene.guard({ isRevoked: () => true });
    const { decision, granted } = await checkHttp(guard, call);
    expect(decision).toMatchObject({ action: "reply", headers: { [HTTP_FIELDS.error]: "attestation_revoked" } });
    expect(JSON.stringify(decision)).not.toContain(HTTP_FIELDS.ticket);
    expect(granted).toBeUndefined();
    expect(scene.events.some(({ type }) => type === "ticket")).toBe(false);
  });

  it.each<[string, GuardSettings, object, boolean]>([
    ["a tool by its name", { signatures: { tools: ["transfer"] } }, call, true],
    ["another tool", { signatures: { tools: ["transfer"] } }, request(1, "tools/call", { name: "balance" }), false],
    [
      "a prompt of that name",
      { signatures: { tools: ["transfer"] } },
      request(1, "prompts/get", { name: "transfer" }),
      false,
    ],
    ["a prompt", { signatures: { prompts: ["p"] } }, request(1, "prompts/get", { name: "p" }), true],
    ["a resource", { signatures: { resources: ["a://b"] } }, request(1, "resources/read", { uri: "a://b" }), true],
    [
      "a subscription",
      { signatures: { resources: ["a://b"] } },
      request(1, "resources/subscribe", { uri: "a://b" }),
      true,
    ],
    [
      "another spelling",
      { signatures: { resources: ["a://b"] } },
      request(1, "resources/read", { uri: "a://b/" }),
      false,
    ],
    ["everything", { signatures: true }, request(1, "tools/list"), true],
  ])("demands a signature for %s, where that is configured (SPEC-19.24)", async (_, settings, message, demanded) => {
    // Two guards of one verifier: the ticket of the one is good at the other.
    const guard = scene.guard();
    const shared = new AttestationGuard({ verifier: guard.verifier, ...settings });
    const { ticket } = await checkHttp(guard, call);
    const { decision } = await checkHttp(shared, message, ticket);
    if (!demanded) return expect(decision.action).toBe("forward");
    expect(decision).toMatchObject({ headers: { [HTTP_FIELDS.error]: "attestation_signature_required" } });
    expect((await checkHttp(shared, message)).decision.action).toBe("forward");
    if (settings.signatures === true) expect((await checkHttp(shared, message)).granted).toBeUndefined();
  });

  it.each<[string, unknown]>([
    ["false", false],
    ["a list", ["transfer"]],
    ["another kind", { tool: ["transfer"] }],
    ["a name for a list", { tools: "transfer" }],
    ["an empty name", { tools: [""] }],
  ])("is not made with %s for `signatures`", (_, signatures) => {
    expect(() => scene.guard({ signatures } as never)).toThrow(expect.objectContaining({ code: "ERR_OPTION" }));
  });

  it("answers a ticket that it does not know so that the agent signs: -31011, retryable (SPEC-19.18)", async () => {
    const { ticket } = await checkHttp(scene.guard(), call);
    const { decision } = await checkHttp(scene.guard(), call, ticket);
    expect(decision).toMatchObject({
      action: "reply",
      status: 200,
      headers: { [HTTP_FIELDS.error]: "attestation_ticket_refused" },
      message: { error: { code: -31011, data: { reason: "attestation_ticket_refused", retryable: true } } },
    });
  });
});

describe("a handler's demand for a signature", () => {
  /** A server one tool of which demands one, over an in-memory wire. */
  async function served(guard: ReturnType<Scene["guard"]>) {
    const server = attestServer(new McpServer({ name: "bank", version: "1" }), guard);
    let executed = 0;
    const transfer = () => {
      executed++;
      return { content: [] };
    };
    server.registerTool("transfer", {}, requireAttestation({ signature: true }, transfer));
    const [client, end] = InMemoryTransport.createLinkedPair();
    await server.connect(end);
    await client.start();
    return { client, executed: () => executed };
  }

  it("refuses a MAC, and has the guard demand a signature from then on (SPEC-19.24, SPEC-5.8)", async () => {
    const guard = scene.guard();
    const { client, executed } = await served(guard);
    const { agentKey: signer, audience, clock } = scene.authority;
    const { method, params } = call as { method: string; params: object };
    const of = { attestation, audience, clock, request: { kind: "message", method, params } as const };
    const send = async (proof: string) => {
      const answer = new Promise<{ result?: { _meta?: Record<string, unknown> } }>((resolve) => {
        client.onmessage = resolve as never;
      });
      const _meta = { "io.github.attest/attestation": attestation, "io.github.attest/proof": proof };
      await client.send({ ...call, params: { ...params, _meta } } as never);
      return answer;
    };
    const ask = await TicketAsk.begin();
    const proof = await createProof({ ...of, signer, ticketKey: ask.epk });
    const first = await send(proof);
    const grant = first.result?._meta?.[META_TICKET_GRANT];
    const ticket = (await ask.complete(grant, { proof, audience, thumbprint: signer.kid })) as Ticket;
    expect(executed()).toBe(1);
    for (const by of ["demand", "verification"]) {
      expect(reasonOf(await send(await createMacProof({ ...of, ticket })))).toBe("attestation_signature_required");
      const last = scene.events.filter(({ type }) => type === by).at(-1);
      expect(last).toMatchObject({ outcome: "refused", code: "ERR_SIGNATURE_REQUIRED" });
    }
    expect(executed()).toBe(1);
    await send(await createProof({ ...of, signer }));
    expect(executed()).toBe(2);
  });

  it("learns a bounded number of names", async () => {
    const { SignatureDemands } = await import("../src/guard/signature-demands.ts");
    const demands = new SignatureDemands(undefined);
    const of = (i: number) =>
      ({ kind: "request", id: 1, method: "tools/call", params: { name: `tool-${i}` } }) as const;
    for (let i = 0; i <= 1000; i++) demands.learn(of(i));
    expect([demands.covers(of(0)), demands.covers(of(1)), demands.covers(of(1000))]).toEqual([false, true, true]);
  });
});

describe("an agent that was written from the specification", () => {
  it.each(["web", "node"])(
    "is granted tickets and served by their MACs, over %s handlers (SPEC-19.6, SPEC-19.13)",
    async (kind) => {
      const { audience, clock } = scene.authority;
      let guard = scene.guard();
      const answer = { jsonrpc: "2.0", id: 1, result: {} };
      const web = () => attestHandler(async (_: Request) => Response.json(answer), guard);
      const node = () =>
        attestNodeHandler(
          (_, res) => res.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(answer)),
          guard,
        );
      const serve = async () => {
        if (kind === "web") {
          const handler = web();
          return (body: string, headers: object) =>
            handler(new Request("http://x/mcp", { method: "POST", body, headers: { ...headers } }));
        }
        const url = await listen(node());
        return (body: string, headers: object) => fetch(url, { method: "POST", body, headers: { ...headers } });
      };
      let wire = await serve();
      const agent = new IndependentAgent(audience, clock, (body, fields) => Promise.resolve(wire(body, fields)));
      agent.attestation = await scene.authority.attest({ confirmationKey: agent.jwk });
      const status = async () => (await agent.call(call)).headers.get(HTTP_FIELDS.status);
      for (let i = 0; i < 3; i++) expect(await status()).toBe("verified;trust=provider");
      expect(agent.proved).toEqual(["signature", "mac", "mac"]);
      // Restarted, with another secret.
      guard = scene.guard();
      wire = await serve();
      for (let i = 0; i < 2; i++) expect(await status()).toBe("verified;trust=provider");
      expect(agent.proved.slice(3)).toEqual(["mac", "signature", "mac"]);
      now += 290;
      expect(await status()).toBe("verified;trust=provider");
      expect(agent.proved.at(-1)).toBe("signature");
    },
  );
});
