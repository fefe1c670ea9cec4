import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestingAgent, type AttestingFetch, attestFetch, localSource, withAttestation } from "@attest/mcp-client";
import {
  applyMiddlewares as applyV2,
  type FetchLike as V2FetchLike,
  type Middleware as V2Middleware,
} from "@modelcontextprotocol/client";
import {
  applyMiddlewares as applyV1,
  type Middleware as V1Middleware,
} from "@modelcontextprotocol/sdk/client/middleware.js";
import type { FetchLike as V1FetchLike } from "@modelcontextprotocol/sdk/shared/transport.js";
import { afterAll, beforeAll, beforeEach, describe, expect, expectTypeOf, it } from "vitest";

interface Received {
  readonly method: string | undefined;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

type Body = NonNullable<RequestInit["body"]>;

let authority: TestAuthority;
let agent: AttestingAgent;
let server: Server;
let url: string;
let received: Received[];

beforeAll(async () => {
  authority = await createTestAuthority();
  agent = new AttestingAgent({ source: localSource(authority.provider, authority.identity) });
  server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    received.push({ method: req.method, headers: req.headers, body: Buffer.concat(chunks) });
    if (req.url === "/redirect") res.writeHead(307, { Location: "/mcp" });
    res.end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  received = [];
});

const attesting = () => attestFetch({ agent, audience: authority.audience, endpoint: url });
const claimsIn = (headers: IncomingMessage["headers"]) =>
  JSON.parse(Buffer.from(String(headers["agent-attestation-proof"]).split(".")[1] ?? "", "base64url").toString());
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("base64url");

describe("an attesting fetch", () => {
  it("is a fetch, and a fetch of both SDKs", () => {
    expectTypeOf<AttestingFetch>().toExtend<typeof fetch>();
    expectTypeOf<AttestingFetch>().toExtend<V1FetchLike>();
    expectTypeOf<AttestingFetch>().toExtend<V2FetchLike>();
    expectTypeOf(withAttestation).returns.toExtend<V1Middleware>();
    expectTypeOf(withAttestation).returns.toExtend<V2Middleware>();
    const platform: typeof fetch = attesting();
    expect(platform).toBeTypeOf("function");
  });

  const json = '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"ü":"\ud83d\ude00"}}';
  const padded = new TextEncoder().encode(`xx${json}x`);
  const inner = padded.subarray(2, -1);
  it.each<[string, () => Body]>([
    ["a string", () => json],
    ["a Uint8Array that is part of a buffer", () => inner],
    ["a Buffer", () => Buffer.from(json)],
    ["an ArrayBuffer", () => new TextEncoder().encode(json).buffer],
    ["a DataView", () => new DataView(padded.buffer, 2, inner.length)],
    ["a Blob", () => new Blob([json])],
  ])("proves and sends the bytes of %s (SPEC-3.10, SPEC-4.2)", async (_, body) => {
    await attesting()(url, { method: "POST", body: body() });
    const [{ body: arrived, headers }] = received as [Received];
    expect(arrived.toString()).toBe(json);
    expect(claimsIn(headers)).toMatchObject({ htm: "POST", body_digest: sha256(arrived) });
  });

  it.each<[Body, string]>([
    [new URLSearchParams({ a: "ü b" }), "application/x-www-form-urlencoded;charset=UTF-8"],
    [new Blob(["{}"], { type: "application/json" }), "application/json"],
    ["{}", "text/plain;charset=UTF-8"],
  ])("sends a body with the media type that fetch gives it: %o", async (body, type) => {
    await attesting()(url, { method: "POST", body });
    await attesting()(url, { method: "POST", body, headers: { "Content-Type": "x/y" } });
    expect(received.map(({ headers }) => headers["content-type"])).toEqual([type, "x/y"]);
    expect(received.map(({ headers, body }) => claimsIn(headers).body_digest === sha256(body))).toEqual([true, true]);
  });

  it.each<[string, Body]>([
    ["a stream", new Blob(["{}"]).stream() as ReadableStream],
    ["a form", new FormData()],
  ])("refuses %s, of which no bytes are known before they are sent", async (_, body) => {
    const init = { method: "POST", body, duplex: "half" };
    await expect(attesting()(url, init as RequestInit)).rejects.toMatchObject({
      code: "ERR_OPTION",
      message: expect.stringContaining("stream"),
    });
    expect(received).toEqual([]);
  });

  it("sends what it proved, though the body is changed while the attestation is awaited (SPEC-3.13)", async () => {
    const body = new TextEncoder().encode('{"amount":1}');
    const sending = attesting()(url, { method: "POST", body });
    body.set(new TextEncoder().encode('{"amount":9}'));
    await sending;
    const [{ body: arrived, headers }] = received as [Received];
    expect(arrived.toString()).toBe('{"amount":1}');
    expect(claimsIn(headers)["body_digest"]).toBe(sha256(arrived));
  });

  it.each(["post", "get", "delete"])("proves the method as it is sent: %s (SPEC-3.10)", async (method) => {
    await attesting()(url, { method, ...(method === "post" && { body: "{}" }) });
    const [{ method: arrived, headers }] = received as [Received];
    expect([arrived, claimsIn(headers)["htm"]]).toEqual([method.toUpperCase(), method.toUpperCase()]);
  });

  it("takes a Request, and what replaces its members", async () => {
    const headers = { "Content-Type": "application/json", "Mcp-Session-Id": "s", Authorization: "Bearer token" };
    const request = () => new Request(url, { method: "POST", body: json, headers });
    await attesting()(request(), { method: undefined, headers: undefined } as unknown as RequestInit);
    await attesting()(request(), { body: "{}", headers: { "Mcp-Session-Id": "t" } });
    await attesting()(request(), { method: "DELETE", body: null } as RequestInit);
    await attesting()(new Request(url));
    expect(received.map(({ method, body }) => [method, body.toString()])).toEqual([
      ["POST", json],
      ["POST", "{}"],
      ["DELETE", ""],
      ["GET", ""],
    ]);
    for (const { headers, body, method } of received) {
      expect(claimsIn(headers)).toMatchObject({ htm: method, body_digest: sha256(body) });
      expect(claimsIn(headers)["session"]).toBe(headers["mcp-session-id"]);
    }
    expect(received.map(({ headers }) => claimsIn(headers)["ath"])).toEqual([
      sha256(Buffer.from("token")),
      undefined,
      sha256(Buffer.from("token")),
      undefined,
    ]);
    const used = request();
    await used.text();
    await expect(attesting()(used)).rejects.toThrow(TypeError);
  });

  it("passes a Request to another address on as it is", async () => {
    const passed: unknown[] = [];
    const inner = async (input: unknown) => {
      passed.push(input);
      return new Response();
    };
    const fetch = attestFetch({ agent, audience: authority.audience, endpoint: url, fetch: inner });
    const request = new Request("https://other.example/");
    await fetch(request);
    expect(passed).toEqual([request]);
    expect(passed[0]).toBe(request);
  });

  it("follows no redirect, and keeps a caller's wish to fail at one (SPEC-4.9)", async () => {
    const endpoint = new URL("/redirect", url);
    const fetch = attestFetch({ agent, audience: authority.audience, endpoint });
    expect((await fetch(endpoint, { method: "POST", body: "{}", redirect: "follow" })).status).toBe(307);
    await expect(fetch(endpoint, { method: "POST", body: "{}", redirect: "error" })).rejects.toThrow(TypeError);
    expect(received).toHaveLength(2);
    expect(fetch.attestation).toEqual({ status: "pending" });
  });
});

describe("attestation as middleware of the SDKs", () => {
  it.each([
    ["v1", applyV1],
    ["v2", applyV2],
  ])("attests what the middleware after it sends, at each of its attempts: %s", async (_, applyMiddlewares) => {
    const { audience } = authority;
    const twice =
      (next: V1FetchLike): V1FetchLike =>
      async (to, init) => {
        const headers = { ...Object.fromEntries(new Headers(init?.headers)), authorization: "Bearer token" };
        await next(to, { ...init, headers });
        return next(to, { ...init, headers });
      };
    const fetch = applyMiddlewares(withAttestation(agent, { audience, endpoint: url }), twice)(globalThis.fetch);
    await fetch(url, { method: "POST", body: "{}" });
    const claims = received.map(({ headers }) => claimsIn(headers));
    expect(claims.map(({ ath }) => ath)).toEqual([sha256(Buffer.from("token")), sha256(Buffer.from("token"))]);
    expect(new Set(claims.map(({ jti }) => jti)).size).toBe(2);
  });

  it("refuses a wrong option when it is made", () => {
    const { audience } = authority;
    expect(() => withAttestation(agent, { audience: "here", endpoint: url })).toThrow("audience");
    expect(() => withAttestation(agent, { audience, endpoint: "/mcp" })).toThrow("endpoint");
    expect(() => withAttestation({} as AttestingAgent, { audience, endpoint: url })).toThrow("agent");
    expect(() => withAttestation(agent, { audience, endpoint: url, fetch } as never)).toThrow("fetch");
  });
});
