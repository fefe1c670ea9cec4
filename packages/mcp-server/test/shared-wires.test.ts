import { attestHandler, attestNodeHandler, attestServer, attestServerTransport } from "@attest/mcp-server";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { describe, expect, it, vi } from "vitest";
import { createScene, listen, reasonOf, request, strange, wire } from "./support.ts";

const initialize = request(0, "initialize", { protocolVersion: "2025-11-25", capabilities: {} });
const declined = { jsonrpc: "2.0", id: 7, error: { code: -1, message: "I decline", data: { why: "no" } } };

describe("an error response in a session that has an owner", () => {
  /** A session of Alice's over HTTP, with a gate that records what passes it. */
  const opened = async () => {
    const scene = await createScene();
    const guard = scene.guard();
    const passed: unknown[] = [];
    const gate = attestHandler(async (req: Request) => {
      passed.push(await req.json());
      return new Response("{}", { headers: { "Content-Type": "application/json", "Mcp-Session-Id": "s-1" } });
    }, guard);
    const send = (init: RequestInit) => gate(new Request("https://server.example/mcp", init));
    await send(await scene.alice.post(initialize));
    passed.length = 0;
    return { ...scene, guard, send, passed };
  };

  it("is refused over HTTP to whoever shows no credentials, and reported (M12, SPEC-4.15)", async () => {
    const { send, passed, guarded } = await opened();
    const answer = await send(strange(declined, "s-1"));
    expect(answer.status).toBe(403);
    expect(passed).toEqual([]);
    expect(guarded().at(-1)).toMatchObject({ action: "reply", code: "ERR_ATTESTATION_REQUIRED" });
  });

  it("is refused over HTTP to another agent (M7, M12, SPEC-4.15)", async () => {
    const { send, passed, mallory, guarded } = await opened();
    const answer = await send(await mallory.post(declined, { sessionId: "s-1" }));
    expect(answer.status).toBe(403);
    expect(passed).toEqual([]);
    expect(guarded().at(-1)).toMatchObject({ code: "ERR_SESSION_OWNER" });
  });

  it("passes over HTTP as it is if its owner's fields prove it (SPEC-4.15, SPEC-4.22)", async () => {
    const { send, passed, alice } = await opened();
    const answer = await send(await alice.post(declined, { sessionId: "s-1" }));
    expect(answer.status).toBe(200);
    expect(passed).toEqual([declined]);
  });

  it("passes without its own words where no proof can travel, and is reported (M12, SPEC-4.15)", async () => {
    const { guard, alice, guarded } = await createScene();
    const { receive, delivered } = wire(guard());
    await receive(await alice.inBand(initialize));
    await receive(declined);
    expect(delivered[1]).toEqual({
      jsonrpc: "2.0",
      id: 7,
      error: { code: -32603, message: expect.not.stringContaining("decline") },
    });
    expect(guarded().at(-1)).toMatchObject({ action: "forward", code: "ERR_PROOF_REQUIRED" });
  });

  it("reaches a guarded server behind a gate to the last member (SPEC-4.22)", async () => {
    const { guard, alice } = await createScene();
    const own = guard();
    for (const error of [
      declined.error,
      { code: -1, message: "no" },
      { code: -1, message: "no", data: ["a", 1] },
      { code: -1, message: "no", data: "text" },
    ]) {
      const message = { jsonrpc: "2.0", id: 7, error };
      const { receive, delivered } = wire(own);
      const http = { method: "POST", ...(await httpOf(alice, message)) };
      const decision = await own.check(message, undefined, http);
      await receive((decision as { message: unknown }).message);
      expect(delivered).toEqual([message]);
    }
  });

  const httpOf = async (alice: Awaited<ReturnType<typeof createScene>>["alice"], message: object) => {
    const body = JSON.stringify(message);
    const fields = await alice.fields({ body });
    return {
      body: new TextEncoder().encode(body),
      attestation: fields["Agent-Attestation"] as string,
      proof: fields["Agent-Attestation-Proof"] as string,
    };
  };
});

describe("a connection whose messages a gate has verified", () => {
  it("has an owner all the same: no other agent answers in it (M1, M7, SPEC-4.19)", async () => {
    const { guard, alice, mallory, guarded } = await createScene();
    const own = guard();
    const { receive, delivered, sent } = wire(own);
    // As behind a transport whose session id is in a query or a cookie, where the gate sees none.
    const through = async (message: Record<string, unknown>, agent: typeof alice) => {
      const decision = await own.check(await agent.inBand(message), undefined, undefined);
      await receive((decision as { message: unknown }).message);
    };
    await through(initialize, alice);
    expect(delivered).toHaveLength(1);
    await through({ jsonrpc: "2.0", id: 0, result: { action: "accept" } }, mallory);
    await through(request(2, "tools/list"), mallory);
    expect(delivered).toHaveLength(1);
    expect(reasonOf(sent.at(-1))).toBe("attestation_invalid");
    expect(guarded().filter(({ code }) => code === "ERR_SESSION_OWNER")).toHaveLength(2);
    await through(request(3, "tools/list"), alice);
    expect(delivered).toHaveLength(2);
  });
});

describe("a connection that several agents share", () => {
  const shared = async () => {
    const scene = await createScene();
    const connection = wire(scene.guard());
    await connection.receive(await scene.alice.inBand(request(5, "tools/call", { name: "slow" })));
    return { ...scene, ...connection };
  };
  const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 5 } };

  it("lets nobody cancel another agent's request (M12, SPEC-4.29)", async () => {
    const { receive, delivered, alice, mallory, guarded } = await shared();
    await receive(await mallory.inBand(cancel));
    expect(delivered).toHaveLength(1);
    expect(guarded().at(-1)).toMatchObject({ action: "drop", code: "ERR_REQUEST_ID" });
    await receive(await alice.inBand(cancel));
    expect(delivered).toHaveLength(2);
  });

  it("lets nobody use the id of another agent's pending request, and answers under no id that is in use (M12, SPEC-4.29)", async () => {
    const { receive, delivered, sent, mallory, alice, transport } = await shared();
    await receive(await mallory.inBand(request(5, "tools/call", { name: "other" })));
    expect(delivered).toHaveLength(1);
    expect(sent).toEqual([expect.objectContaining({ id: null, error: expect.anything() })]);
    // Alice's answer is still hers, and the id is free again after it.
    await transport.send({ jsonrpc: "2.0", id: 5, result: {} });
    await receive(await alice.inBand(request(5, "tools/list")));
    await transport.send({ jsonrpc: "2.0", id: 5, result: {} });
    await receive(await mallory.inBand(request(5, "tools/list")));
    expect(delivered).toHaveLength(3);
  });
});

describe("a request id that a double does not hold", () => {
  it("is not repeated in a refusal, where it would be another request's id (SPEC-7.1)", async () => {
    const { guard } = await createScene();
    const decision = await guard().check(JSON.parse('{"jsonrpc":"2.0","id":9007199254740993,"method":"tools/list"}'));
    expect(decision).toMatchObject({ action: "reply", message: { id: null } });
    const held = await guard().check(JSON.parse('{"jsonrpc":"2.0","id":9007199254740991,"method":"tools/list"}'));
    expect(held).toMatchObject({ message: { id: 9007199254740991 } });
  });
});

describe("a transport whose send is replaced", () => {
  it.each(["vi.spyOn", "instrumentation"])(
    "by %s is sent to once, with the guard's words in the answer",
    async (by) => {
      const { guard, alice } = await createScene();
      const { transport, receive, sent } = wire(guard());
      let calls = 0;
      const spied = by === "vi.spyOn" ? vi.spyOn(transport, "send") : undefined;
      if (!spied) {
        const before = transport.send;
        transport.send = async (message, options) => {
          calls++;
          return before(message, options);
        };
      }
      await receive(await alice.inBand(initialize));
      await transport.send({ jsonrpc: "2.0", id: 0, result: { capabilities: {} } });
      expect(sent).toHaveLength(1);
      expect(JSON.stringify(sent[0])).toContain('"verification_status":"verified"');
      if (spied) expect(spied).toHaveBeenCalledOnce();
      else expect(calls).toBe(1);
      // Taken away again, the instrumentation leaves the guard in place.
      spied?.mockRestore();
      await receive(await alice.inBand(request(1, "initialize", { protocolVersion: "2025-11-25", capabilities: {} })));
      await transport.send({ jsonrpc: "2.0", id: 1, result: { capabilities: {} } });
      expect(JSON.stringify(sent[1])).toContain('"verification_status":"verified"');
    },
  );

  it("on the transport inside is used as well", async () => {
    const { guard } = await createScene();
    const { transport, inner } = wire(guard());
    const spied = vi.spyOn(inner, "send");
    await transport.send({ jsonrpc: "2.0", method: "notifications/message" });
    expect(spied).toHaveBeenCalledOnce();
  });
});

describe("GET and DELETE", () => {
  /** A v1 server whose gate stands before POST alone, as an `app.post` would have it, or before nothing. */
  const mounted = async (gated: boolean) => {
    const scene = await createScene();
    const guard = scene.guard();
    const server = attestServer(new McpServer({ name: "bank", version: "1" }), guard);
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => "s-1", enableJsonResponse: true });
    await server.connect(transport as never);
    const gate = attestNodeHandler((req, res, body) => transport.handleRequest(req, res, body), guard);
    const url = await listen((req, res) => {
      if (req.method === "POST" && gated) void gate(req, res);
      else void transport.handleRequest(req, res);
    });
    const opening = {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "agent", version: "1" },
    };
    const message = request(0, "initialize", opening);
    const first = gated ? await scene.alice.post(message) : strange(await scene.alice.inBand(message));
    expect((await fetch(url, first)).headers.get("mcp-session-id")).toBe("s-1");
    return { ...scene, url };
  };

  it.each([true, false])(
    "are refused to a stranger who knows the session where the gate does not see them, POST gated: %s (M1, M11, SPEC-4.15)",
    async (gated) => {
      const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
      const { url, mallory } = await mounted(gated);
      for (const method of ["GET", "DELETE"] as const) {
        const headers = { Accept: "text/event-stream", "Mcp-Session-Id": "s-1" };
        const stranger = await fetch(url, { method, headers });
        expect([stranger.status, stranger.headers.get("agent-attestation-error")]).toEqual([
          403,
          "attestation_required",
        ]);
        expect((await fetch(url, await mallory.bodiless(method, "s-1"))).status).toBe(403);
      }
      warn.mockRestore();
    },
  );

  it("are served to the owner all the same, and the mistake is said once (M11)", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const { url, alice } = await mounted(true);
    const stream = await fetch(url, await alice.bodiless("GET", "s-1"));
    expect(stream.status).toBe(200);
    await stream.body?.cancel();
    expect((await fetch(url, await alice.bodiless("DELETE", "s-1"))).status).toBe(200);
    const told = warn.mock.calls.filter(([message]) => String(message).includes("without passing the gate"));
    expect(told.length).toBeLessThanOrEqual(1);
    warn.mockRestore();
  });

  it("that passed a gate are not verified a second time, however the request was made again (SPEC-4.22)", async () => {
    const { guard, alice, guarded } = await createScene();
    const own = guard();
    const server = attestServer(new McpServer({ name: "bank", version: "1" }), own);
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: () => "s-1", enableJsonResponse: true });
    await server.connect(transport as never);
    const gate = attestNodeHandler((req, res, body) => transport.handleRequest(req, res, body), own);
    const url = await listen((req, res) => void gate(req, res));
    const opening = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "agent", version: "1" } };
    await fetch(url, await alice.post(request(0, "initialize", opening)));
    const once = await alice.bodiless("GET", "s-1");
    const stream = await fetch(url, once);
    expect(stream.status).toBe(200);
    await stream.body?.cancel();
    // It was used up: what passed the gate opens nothing a second time.
    expect((await fetch(url, once)).headers.get("agent-attestation-error")).toBe("attestation_replay");
    expect(guarded().filter(({ code }) => code !== undefined)).toHaveLength(1);
  });

  it("with a body are refused: no digest of theirs says what it means (SPEC-3.10)", async () => {
    const { guard, alice } = await createScene();
    const gate = attestNodeHandler((_, res) => void res.end(), guard());
    const url = await listen((req, res) => void gate(req, res));
    const { headers } = await alice.bodiless("DELETE");
    const answer = await fetch(url, { method: "DELETE", headers: headers as Record<string, string>, body: "x" });
    expect(answer.status).toBe(400);
  });
});

it("a guarded wire and a guarded server behind it verify a message once, and take its mark in this order alone (M9)", async () => {
  const { guard, alice } = await createScene();
  const own = guard();
  const outer = wire(own);
  await outer.receive(await alice.inBand(request(1, "tools/list")));
  const [message] = outer.delivered;
  const again = wire(own, attestServerTransport);
  await again.receive(message);
  expect(again.delivered).toEqual([]);
  expect(reasonOf(again.sent[0])).toBe("attestation_required");
});
