import { attestationOf, attestHandler, attestNodeHandler, attestServer, requireAttestation } from "@attest/mcp-server";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { completable } from "@modelcontextprotocol/sdk/server/completable.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import * as z from "zod";
import { createScene, listen, reasonOf, request, strange, wire } from "./support.ts";

const initialize = request(0, "initialize", { clientInfo: { name: "Old client", version: "1" }, capabilities: {} });
const call = request(1, "tools/call", { name: "transfer", arguments: { to: "x" } });

describe("a guard that only reports", () => {
  it("lets pass what it would refuse, and reports who, what and why (SPEC-4.30)", async () => {
    const { guard, mallory, guarded } = await createScene();
    const { receive, delivered, sent } = wire(guard({ enforce: false }));
    await receive(initialize);
    await receive(call);
    const tampered = await mallory.inBand(call);
    (tampered["params"] as { arguments: object }).arguments = { to: "mallory" };
    await receive(tampered);
    await receive({ jsonrpc: "2.0", method: "notifications/initialized" });
    expect(delivered).toHaveLength(4);
    expect(sent).toEqual([]);
    const [, second, third] = guarded();
    const reported = {
      action: "forward",
      enforced: false,
      method: "tools/call",
      target: "transfer",
      client: "Old client",
    };
    expect(second).toMatchObject({ ...reported, code: "ERR_ATTESTATION_REQUIRED", reason: "attestation_required" });
    expect(third).toMatchObject({ ...reported, code: "ERR_PROOF_DIGEST", carrier: "in-band" });
  });

  it("marks nothing as verified, not even what is, and removes credentials all the same (SPEC-4.30)", async () => {
    const { guard, alice, guarded } = await createScene();
    const { receive, delivered } = wire(guard({ enforce: false }));
    await receive(await alice.inBand(call));
    expect(attestationOf((delivered[0] as { params: object }).params)).toBeUndefined();
    expect(JSON.stringify(delivered)).not.toContain("attestation");
    expect(guarded()[0]).toMatchObject({ enforced: false, subject: "spiffe://example.com/model/example-1" });
    expect(guarded()[0]).not.toHaveProperty("code");
  });

  it("reports who is not the owner of a session, and replays", async () => {
    const { guard, alice, mallory, guarded } = await createScene();
    const { receive, delivered } = wire(guard({ enforce: false }));
    await receive(await alice.inBand(initialize));
    await receive(await mallory.inBand(call));
    const once = await alice.inBand(call);
    await receive(once);
    await receive(once);
    expect(delivered).toHaveLength(4);
    expect(guarded().map(({ code }) => code)).toEqual([undefined, "ERR_SESSION_OWNER", undefined, "ERR_REPLAY"]);
  });

  it("says in its answers that it does not enforce (SPEC-4.30)", async () => {
    const { guard, alice } = await createScene();
    const { receive, transport, sent } = wire(guard({ enforce: false }));
    await receive(await alice.inBand(initialize));
    await transport.send({ jsonrpc: "2.0", id: 0, result: { capabilities: {} } });
    await receive(request(1, "server/discover"));
    await transport.send({ jsonrpc: "2.0", id: 1, result: { capabilities: {} } });
    expect(sent[0]).toMatchObject({
      result: { capabilities: { experimental: { "security.attestation": { enforced: false, policy: "required" } } } },
    });
    expect(sent[1]).toMatchObject({
      result: { capabilities: { extensions: { "io.github.attest/agent-attestation": { enforced: false } } } },
    });
  });

  it("still refuses where a handler requires attestation (SPEC-5.8)", async () => {
    const { guard, alice, events } = await createScene();
    const server = attestServer(new McpServer({ name: "bank", version: "1" }), guard({ enforce: false }));
    server.registerTool(
      "transfer",
      {},
      requireAttestation({}, () => ({ content: [] })),
    );
    const [client, end] = InMemoryTransport.createLinkedPair();
    await server.connect(end);
    onTestFinished(() => server.close());
    const answer = new Promise((resolve) => {
      client.onmessage = resolve;
    });
    await client.start();
    await client.send((await alice.inBand(call)) as never);
    expect(reasonOf(await answer)).toBe("attestation_required");
    expect(events.at(-1)).toMatchObject({
      type: "demand",
      outcome: "refused",
      method: "tools/call",
      target: "transfer",
    });
  });

  it("still refuses what is answered in such a handler's place (SPEC-5.8)", async () => {
    const { guard, alice } = await createScene();
    const server = attestServer(new McpServer({ name: "bank", version: "1" }), guard({ enforce: false }));
    const argsSchema = { account: completable(z.string(), () => ["secret"]) };
    const prompt = requireAttestation({}, () => ({ messages: [] }));
    server.registerPrompt("statement", { argsSchema }, prompt as never);
    const [client, end] = InMemoryTransport.createLinkedPair();
    await server.connect(end);
    onTestFinished(() => server.close());
    const answer = new Promise((resolve) => {
      client.onmessage = resolve;
    });
    await client.start();
    const params = { ref: { type: "ref/prompt", name: "statement" }, argument: { name: "account", value: "" } };
    await client.send((await alice.inBand(request(1, "completion/complete", params))) as never);
    expect(reasonOf(await answer)).toBe("attestation_required");
  });

  it("lets pass over HTTP what it would refuse: strangers, unknown sessions, GET, DELETE and what a parser has read", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const { guard, guarded } = await createScene();
    const own = guard({ enforce: false });
    const web = attestHandler(async (req: Request) => new Response(await req.text().catch(() => "consumed")), own);
    const node = attestNodeHandler(async (req, res) => {
      let text = "";
      for await (const chunk of req) text += chunk;
      res.end(text);
    }, own);
    const url = await listen((req, res) => void node(req, res));
    for (const send of [(init: RequestInit) => web(new Request(url, init)), (init: RequestInit) => fetch(url, init)]) {
      for (const init of [
        strange(call),
        strange(call, "unknown"),
        { ...strange(call), headers: { Authorization: "Bearer a b" } },
      ]) {
        const answer = await send(init);
        expect([answer.status, await answer.text()]).toEqual([200, JSON.stringify(call)]);
        expect(answer.headers.has("agent-attestation-error")).toBe(false);
      }
      for (const method of ["GET", "DELETE"]) {
        expect((await send({ method, headers: { "Mcp-Session-Id": "unknown" } })).status).toBe(200);
      }
    }
    const consumed = new Request(url, strange(call));
    await consumed.text();
    expect(await (await web(consumed)).text()).toBe("consumed");
    expect(guarded().every(({ enforced, code }) => enforced === false && code !== undefined)).toBe(true);
    warn.mockRestore();
  });
});
