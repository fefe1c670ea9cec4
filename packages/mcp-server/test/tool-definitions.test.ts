import {
  type AttestationEvent,
  createProof,
  type DemandEvent,
  type MaybePromise,
  META_ATTESTATION,
  META_PROOF,
  type ToolDefinition,
  toolDigest,
} from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import {
  type AttestationDemand,
  AttestationGuard,
  attestServer,
  listedTools,
  requireAttestation,
} from "@attest/mcp-server";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer as McpServerV1 } from "@modelcontextprotocol/sdk/server/mcp.js";
import { McpServer as McpServerV2 } from "@modelcontextprotocol/server";
import { beforeEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";

const TRANSFER: ToolDefinition = { name: "transfer", description: "Transfers money.", inputSchema: { type: "object" } };

let authority: TestAuthority;
let events: AttestationEvent[];
beforeEach(async () => {
  authority = await createTestAuthority();
  events = [];
});
const demands = () => events.filter((event): event is DemandEvent => event.type === "demand");

interface Answer {
  result?: { content: { text: string }[] };
  error?: { code: number; data: { reason: string; retryable: boolean } };
}

/** A guarded server with one tool that demands this, called over a wire by an agent that has read `read`. */
async function called(demand: AttestationDemand, read?: ToolDefinition): Promise<Answer & { ran: boolean }> {
  const observer = { onEvent: (event: AttestationEvent) => void events.push(event) };
  const guard = new AttestationGuard({ ...authority.verifierOptions, observer });
  const server = attestServer(new McpServerV1({ name: "bank", version: "1" }), guard);
  let ran = false;
  const handler = requireAttestation(demand, () => {
    ran = true;
    return { content: [{ type: "text" as const, text: "done" }] };
  });
  server.registerTool("transfer", { description: "Transfers money." }, handler);
  const [client, end] = InMemoryTransport.createLinkedPair();
  await server.connect(end);
  const attestation = await authority.attest();
  const request = { kind: "message", method: "tools/call", params: { name: "transfer", arguments: {} } } as const;
  const proof = await createProof({
    attestation,
    signer: authority.agentKey,
    audience: authority.audience,
    request,
    ...(read && { toolDigest: await toolDigest(read) }),
  });
  const answered = new Promise<Answer>((resolve) => {
    client.onmessage = (message) => resolve(message as Answer);
  });
  await client.start();
  const params = { ...request.params, _meta: { [META_ATTESTATION]: attestation, [META_PROOF]: proof } };
  await client.send({ jsonrpc: "2.0", id: 1, method: request.method, params });
  const answer = await answered;
  await server.close();
  return { ...answer, ran };
}

describe("a demand for a definition", () => {
  it("is met by the call of an agent that decided on it (SPEC-23.4)", async () => {
    const answer = await called({ definition: TRANSFER }, TRANSFER);
    expect(answer).toMatchObject({ ran: true, result: { content: [{ text: "done" }] } });
    expect(demands()).toMatchObject([{ outcome: "met", toolDigest: await toolDigest(TRANSFER) }]);
  });

  it("refuses a call that was decided on by another, before the tool does anything (P1, SPEC-23.4)", async () => {
    const read = { ...TRANSFER, description: "Transfers money to friends." };
    const answer = await called({ definition: TRANSFER }, read);
    expect(answer.ran).toBe(false);
    expect(answer.error).toMatchObject({
      code: -31013,
      data: { reason: "attestation_definition_mismatch", retryable: false },
    });
    expect(JSON.stringify(answer)).not.toContain(await toolDigest(TRANSFER));
    expect(demands()).toMatchObject([
      { outcome: "refused", code: "ERR_DEFINITION_MISMATCH", toolDigest: await toolDigest(read) },
    ]);
  });

  it("refuses a call that names none (P2, SPEC-23.4)", async () => {
    const answer = await called({ definition: TRANSFER });
    expect(answer.ran).toBe(false);
    expect(answer.error).toMatchObject({ code: -31006, data: { reason: "attestation_claims_insufficient" } });
    expect(demands()).toMatchObject([{ outcome: "refused", code: "ERR_DEFINITION_REQUIRED" }]);
  });

  it("comes after the other demands on the agent (SPEC-23.4)", async () => {
    const definition = vi.fn(() => TRANSFER);
    const answer = await called({ definition, issuer: "https://another.example" });
    expect(answer.error?.data.reason).toBe("attestation_claims_insufficient");
    expect(demands()).toMatchObject([{ code: "ERR_DEMAND" }]);
    expect(definition).not.toHaveBeenCalled();
  });

  it("asks a function with every call, so that it follows the tool (SPEC-23.6)", async () => {
    let current = TRANSFER;
    const demand = { definition: () => current };
    expect(await called(demand, TRANSFER)).toMatchObject({ ran: true });
    current = { ...TRANSFER, description: "Transfers money, and tells." };
    expect(await called(demand, TRANSFER)).toMatchObject({ ran: false });
    expect(await called(demand, current)).toMatchObject({ ran: true });
  });

  it.each<[string, () => MaybePromise<ToolDefinition | undefined>]>([
    ["rejects", () => Promise.reject(new Error("secret"))],
    [
      "throws at once",
      () => {
        throw new Error("secret");
      },
    ],
    ["returns nothing", () => undefined],
    ["returns no tool", () => ({ description: "secret" }) as never],
  ])("refuses every call where its function %s (SPEC-23.5)", async (_, definition) => {
    const answer = await called({ definition }, TRANSFER);
    expect(answer.ran).toBe(false);
    expect(answer.error).toMatchObject({ code: -31010, data: { reason: "attestation_unavailable" } });
    expect(JSON.stringify([answer, events])).not.toContain("secret");
    expect(demands()).toMatchObject([{ outcome: "refused", code: "ERR_DEFINITION_UNAVAILABLE" }]);
  });

  it.each<[unknown, string]>([
    [{}, "definition.name"],
    [{ name: "" }, "definition.name"],
    ["transfer", "definition must be a tool"],
    [null, "definition must be a tool"],
    [{ name: "transfer", inputSchema: [] }, "definition.inputSchema"],
  ])("is refused when it is made, of %j", (definition, problem) => {
    const make = () => requireAttestation({ definition } as AttestationDemand, () => ({ content: [] }));
    expect(make).toThrow(problem);
  });

  it.each([
    ["v1", new McpServerV1({ name: "bank", version: "1" })],
    ["v2", new McpServerV2({ name: "bank", version: "2" })],
  ] as const)("is refused of a prompt when that is registered, by the SDK %s", (_, server) => {
    attestServer(server as McpServerV1, new AttestationGuard(authority.verifierOptions));
    const handler = requireAttestation({ definition: TRANSFER }, () => ({ messages: [] }));
    expect(() => (server as McpServerV1).registerPrompt("report", {}, handler as never)).toThrow(
      "definition is for tools, and report is a prompt",
    );
  });
});

describe("the list of a server", () => {
  const served = () => ({ content: [] });
  const v1 = () => {
    const server = new McpServerV1({ name: "bank", version: "1" });
    server.registerTool("transfer", { description: "Transfers.", inputSchema: { amount: z.number() } }, served);
    server.registerTool("balance", {}, served);
    return server;
  };
  const v2 = () => {
    const server = new McpServerV2({ name: "bank", version: "2" });
    server.registerTool(
      "transfer",
      { description: "Transfers.", inputSchema: z.object({ amount: z.number() }) },
      served,
    );
    server.registerTool("balance", {}, served);
    return server;
  };

  it.each([
    ["v1", v1],
    ["v2", v2],
  ] as const)("is what its clients read, of the SDK %s (SPEC-23.6)", async (_, build) => {
    const listed = await listedTools(build());
    expect([...listed.keys()]).toEqual(["transfer", "balance"]);
    expect(listed.get("transfer")).toMatchObject({
      description: "Transfers.",
      inputSchema: { type: "object", properties: { amount: { type: "number" } }, required: ["amount"] },
    });
  });

  it("is read to its last page", async () => {
    const server = new McpServerV1({ name: "bank", version: "1" }, { capabilities: { tools: {} } });
    const { ListToolsRequestSchema } = await import("@modelcontextprotocol/sdk/types.js");
    server.server.setRequestHandler(ListToolsRequestSchema, ({ params }) =>
      params?.cursor === "2"
        ? { tools: [{ name: "second", inputSchema: { type: "object" } }] }
        : { tools: [{ name: "first", inputSchema: { type: "object" } }], nextCursor: "2" },
    );
    expect([...(await listedTools(server)).keys()]).toEqual(["first", "second"]);
  });

  it("is not had of a guarded server, of one without tools, or of anything else", async () => {
    const guarded = attestServer(v1(), new AttestationGuard(authority.verifierOptions));
    await expect(listedTools(guarded)).rejects.toThrow("server is guarded");
    await expect(listedTools(new McpServerV1({ name: "bank", version: "1" }))).rejects.toThrow("has no list of tools");
    await expect(listedTools({} as never)).rejects.toThrow("server must be a Server or McpServer");
  });
});
