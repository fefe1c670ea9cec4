import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { ProofRequest, VerifierOptions } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestationGuard, attestHandler, attestNodeHandler } from "@attest/mcp-server";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const START = 1_800_000_000;
let now: number;
let authority: TestAuthority;
let reached: number;
let servers: Server[];
beforeEach(async () => {
  now = START;
  reached = 0;
  servers = [];
  authority = await createTestAuthority({ clock: () => now });
});
afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

const answer = (message: unknown) => {
  reached++;
  return JSON.stringify({ jsonrpc: "2.0", id: (message as { id?: number } | undefined)?.id ?? null, result: {} });
};
const json = { "Content-Type": "application/json" };

/** Both gates, each in front of a handler that opens the session `s-1` and answers everything. */
const gates: [string, (guard: AttestationGuard) => Promise<(init: RequestInit) => Promise<Response>>][] = [
  [
    "attestNodeHandler",
    async (guard) => {
      const handler = attestNodeHandler((_, res, body) => {
        res.writeHead(200, { ...json, "Mcp-Session-Id": "s-1" }).end(answer(body));
      }, guard);
      const server = createServer((req, res) => void handler(req, res));
      servers.push(server.listen(0, "127.0.0.1"));
      await once(server, "listening");
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
      return (init) => fetch(url, init);
    },
  ],
  [
    "attestHandler",
    async (guard) => {
      const handler = attestHandler(
        {
          fetch: async (_: Request, options?: { parsedBody?: unknown }) =>
            new Response(answer(options?.parsedBody), { headers: { ...json, "Mcp-Session-Id": "s-1" } }),
        },
        guard,
      );
      return (init) => handler.fetch(new Request("http://server.example/mcp", init));
    },
  ],
];

async function fieldsFor(request: ProofRequest, sessionId?: string): Promise<Record<string, string>> {
  const attestation = await authority.attest();
  const proof = await authority.prove(attestation, request, sessionId === undefined ? {} : { sessionId });
  return {
    "Agent-Attestation": attestation,
    "Agent-Attestation-Proof": proof,
    ...(sessionId !== undefined && { "Mcp-Session-Id": sessionId }),
  };
}

async function postOf(message: object, sessionId?: string): Promise<RequestInit> {
  const body = JSON.stringify(message);
  const request = { kind: "http", method: "POST", body: new TextEncoder().encode(body) } as const;
  return { method: "POST", body, headers: await fieldsFor(request, sessionId) };
}

const bare = async (method: string, sessionId: string): Promise<RequestInit> => ({
  method,
  headers: await fieldsFor({ kind: "http", method }, sessionId),
});

const call = { jsonrpc: "2.0", id: 1, method: "tools/list" };

describe.each(gates)("%s", (_, open) => {
  const opened = (options: Partial<VerifierOptions> = {}) =>
    open(new AttestationGuard({ ...authority.verifierOptions, ...options }));

  it("says that a POST was verified, and how far (SPEC-7.8)", async () => {
    const send = await opened();
    const response = await send(await postOf(call));
    expect(response.status).toBe(200);
    expect(response.headers.get("Agent-Attestation-Status")).toBe("verified;trust=provider");
    expect(response.headers.get("Agent-Attestation-Error")).toBeNull();
    const lenient = await opened({ policy: "optional" });
    const unverified = await lenient({ method: "POST", body: JSON.stringify(call) });
    expect(unverified.headers.get("Agent-Attestation-Status")).toBeNull();
  });

  it("refuses a POST with 200 and the reason, in the body and in a field, never with 401 (SPEC-7.5, SPEC-7.7)", async () => {
    const send = await opened();
    const init = await postOf(call);
    await send(init);
    const late = await postOf(call);
    for (const [request, reason] of [
      [{ method: "POST", body: JSON.stringify(call) }, "attestation_required"],
      [init, "attestation_replay"],
      [{ ...late, body: `${late.body} ` }, "attestation_proof_invalid"],
    ] as const) {
      const response = await send(request);
      expect(response.status).toBe(200);
      expect(response.headers.get("Agent-Attestation-Error")).toBe(reason);
      expect(await response.json()).toMatchObject({ id: 1, error: { data: { reason } } });
    }
    expect(reached).toBe(1);
  });

  it("tells its time beside attestation_expired, and only there (SPEC-7.4, SPEC-7.7)", async () => {
    const send = await opened();
    const late = await postOf(call);
    now = START + 91;
    const response = await send(late);
    expect(response.headers.get("Agent-Attestation-Time")).toBe(String(now));
    expect(await response.json()).toMatchObject({ error: { data: { serverTime: now, retryable: true } } });
    const other = await send({ method: "POST", body: JSON.stringify(call) });
    expect(other.headers.has("Agent-Attestation-Time")).toBe(false);
    expect(await other.json()).not.toHaveProperty("error.data.serverTime");
  });

  it("refuses GET, DELETE, notifications and responses with 403 or 503 and no body (SPEC-7.6)", async () => {
    const send = await opened();
    const notification = JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled" });
    const result = JSON.stringify({ jsonrpc: "2.0", id: 0, result: {} });
    for (const init of [
      { method: "GET" },
      { method: "DELETE" },
      { method: "POST", body: notification },
      { method: "POST", body: result },
    ]) {
      const response = await send(init);
      expect([response.status, await response.text()]).toEqual([403, ""]);
      expect(response.headers.get("Agent-Attestation-Error")).toBe("attestation_required");
    }
    const failing = await opened({ keyResolver: { resolve: () => Promise.reject(new Error()) } });
    const unavailable = await failing(await bare("GET", "s-1"));
    expect([unavailable.status, unavailable.headers.get("Agent-Attestation-Error")]).toEqual([
      503,
      "attestation_unavailable",
    ]);
    expect(reached).toBe(0);
  });

  it("answers methods that have no place with 405, and more than it reads with 413 (SPEC-4.18)", async () => {
    const send = await opened({ policy: "optional" });
    for (const method of ["PUT", "PATCH", "HEAD"]) expect((await send({ method })).status).toBe(405);
    const flood = JSON.stringify({ ...call, params: { text: "x".repeat(4 * 1024 * 1024) } });
    expect((await send({ method: "POST", body: flood })).status).toBe(413);
    expect(reached).toBe(0);
    expect((await send({ method: "OPTIONS" })).status).toBe(200);
  });

  it("answers a body that is not strict JSON itself (SPEC-4.17)", async () => {
    const send = await opened({ policy: "optional" });
    for (const body of ["\ufeff{}", "{", "", new Uint8Array([0x7b, 0xff, 0x7d])]) {
      const response = await send({ method: "POST", body });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { code: -32700 } });
    }
    expect(reached).toBe(0);
  });

  it("serves the sessions that it has seen opened, to their owners, until they end (SPEC-4.19, SPEC-4.20)", async () => {
    const send = await opened();
    const initialize = { jsonrpc: "2.0", id: 0, method: "initialize", params: {} };
    const unknown = await send(await postOf(call, "s-1"));
    expect([unknown.status, reached]).toEqual([404, 0]);
    expect((await send(await postOf(initialize))).headers.get("Mcp-Session-Id")).toBe("s-1");
    for (const init of [await postOf(call, "s-1"), await bare("GET", "s-1")]) {
      expect((await send(init)).status).toBe(200);
    }
    expect((await send(await bare("DELETE", "s-1"))).status).toBe(200);
    expect((await send(await bare("GET", "s-1"))).status).toBe(404);
  });
});
