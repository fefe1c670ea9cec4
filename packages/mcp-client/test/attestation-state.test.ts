import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestingAgent, attestFetch, localSource } from "@attest/mcp-client";
import { beforeEach, describe, expect, it } from "vitest";
import { openRecording } from "./recording-wire.ts";

const ENDPOINT = "https://mcp.example/mcp";
type Body = NonNullable<RequestInit["body"]>;

let authority: TestAuthority;
let agent: AttestingAgent;
beforeEach(async () => {
  authority = await createTestAuthority();
  agent = new AttestingAgent({ source: localSource(authority.provider, authority.identity) });
});

const rpc = (method: string, id: number | undefined = 1) =>
  JSON.stringify({ jsonrpc: "2.0", ...(id !== undefined && { id }), method });
const VERIFIED = { "Agent-Attestation-Status": "verified;trust=provider" };

/** An attesting fetch whose server gives these answers, one after the other, and what went to it. */
function answering(...answers: Response[]) {
  const sent: { url: string; attested: boolean }[] = [];
  const fetch = attestFetch({
    agent,
    audience: authority.audience,
    endpoint: ENDPOINT,
    fetch: async (url, init) => {
      const { headers } = url instanceof Request ? url : { headers: init?.headers };
      const attested = new Headers(headers).has("Agent-Attestation");
      sent.push({ url: url instanceof Request ? url.url : String(url), attested });
      return answers.shift() ?? new Response("{}");
    },
  });
  return { fetch, sent };
}
const answer = (status: number, headers: Record<string, string> = {}) => new Response(null, { status, headers });

describe("what an attesting fetch says of its server, over HTTP", () => {
  it.each([300, 301, 302, 307, 400, 401, 403, 404, 405, 429, 500, 502, 503, 504])(
    "stays pending after a %i that says nothing of attestation: a proxy may have said it",
    async (status) => {
      const { fetch } = answering(answer(status));
      await fetch(ENDPOINT, { method: "POST", body: rpc("tools/call") });
      expect(fetch.attestation).toEqual({ status: "pending" });
    },
  );

  it.each(["ping", "server/discover"])("stays pending after %s, which a guard serves unverified", async (method) => {
    const { fetch } = answering(answer(200));
    await fetch(ENDPOINT, { method: "POST", body: rpc(method) });
    expect(fetch.attestation).toEqual({ status: "pending" });
  });

  it.each(["GET", "DELETE"])("stays pending after a %s, whose answer has no field for it", async (method) => {
    const { fetch } = answering(answer(200));
    await fetch(ENDPOINT, { method });
    expect(fetch.attestation).toEqual({ status: "pending" });
  });

  it("stays pending after an answer that a browser shows without its fields", async () => {
    const { fetch } = answering(Object.defineProperty(answer(200), "type", { value: "cors" }));
    await fetch(ENDPOINT, { method: "POST", body: rpc("tools/call") });
    expect(fetch.attestation).toEqual({ status: "pending" });
  });

  it.each<[string, Body, number]>([
    ["a call", rpc("tools/call"), 200],
    ["initialize", rpc("initialize"), 200],
    ["a notification", rpc("notifications/initialized", undefined), 202],
    ["a call in bytes", new TextEncoder().encode(rpc("tools/call")), 200],
  ])("is unsupported after %s was answered with nothing of attestation", async (_, body, status) => {
    const { fetch } = answering(answer(status));
    await fetch(ENDPOINT, { method: "POST", body });
    expect(fetch.attestation).toEqual({ status: "unsupported" });
  });

  it("is found out in the end, whatever came before it", async () => {
    const { fetch } = answering(answer(503), answer(200), answer(401), answer(200, VERIFIED), answer(500), answer(200));
    const seen: string[] = [];
    for (const method of ["initialize", "server/discover", "tools/call", "tools/call", "tools/call", "tools/call"]) {
      await fetch(ENDPOINT, { method: "POST", body: rpc(method) });
      seen.push(fetch.attestation.status);
    }
    expect(seen).toEqual(["pending", "pending", "pending", "verified", "verified", "verified"]);
  });

  it("is verified when the guard says so of the request, though a handler refused what it asked for", async () => {
    const error = { "Agent-Attestation-Error": "attestation_claims_insufficient" };
    const { fetch } = answering(answer(200, { ...VERIFIED, ...error }), answer(403, error));
    await fetch(ENDPOINT, { method: "POST", body: rpc("tools/call") });
    expect(fetch.attestation).toEqual({ status: "verified", trustLevel: "provider" });
    await fetch(ENDPOINT, { method: "GET" });
    expect(fetch.attestation).toEqual({ status: "failed" });
  });
});

describe("what an attested transport says of its server", () => {
  it.each(["ping", "server/discover"])("stays pending after %s, which a guard serves unverified", async (method) => {
    const { wire, transport } = openRecording(agent, authority.audience);
    await transport.send({ jsonrpc: "2.0", id: 1, method });
    wire.onmessage?.({ jsonrpc: "2.0", id: 1, result: {} });
    expect(transport.attestation).toEqual({ status: "pending" });
  });

  it("stays pending after an error that is about something else", async () => {
    const { wire, transport } = openRecording(agent, authority.audience);
    await transport.send({ jsonrpc: "2.0", id: 1, method: "tools/call" });
    wire.onmessage?.({ jsonrpc: "2.0", id: 1, error: { code: -32603, message: "Internal error" } });
    expect(transport.attestation).toEqual({ status: "pending" });
  });

  it.each(["initialize", "tools/call", "tools/list"])("is unsupported after a result of %s", async (method) => {
    const { wire, transport } = openRecording(agent, authority.audience);
    await transport.send({ jsonrpc: "2.0", id: 1, method });
    wire.onmessage?.({ jsonrpc: "2.0", id: 1, result: {} });
    expect(transport.attestation).toEqual({ status: "unsupported" });
  });
});

/** What the SDKs' requests to an endpoint have in common. */
const mcpRequests: readonly (readonly [string, RequestInit])[] = [
  ["a JSON-RPC body", { method: "POST", body: rpc("tools/call") }],
  ["a JSON-RPC body in bytes", { method: "POST", body: new TextEncoder().encode(rpc("tools/call")) }],
  ["a session", { method: "DELETE", headers: { "Mcp-Session-Id": "s" } }],
  ["a method of MCP", { method: "POST", headers: { "Mcp-Method": "tools/call" } }],
  ["a stream", { method: "GET", headers: { Accept: "text/event-stream" } }],
];

describe("an MCP request that does not go to the endpoint", () => {
  it.each(mcpRequests)("is refused where it goes to another spelling of it: %s (M10, SPEC-4.8)", async (_, init) => {
    for (const url of [
      "https://mcp.example/mcp/",
      "https://mcp.example//mcp",
      "https://mcp.example/MCP",
      "https://mcp.example/%6Dcp",
      "https://mcp.example/mcp?key=secret",
    ]) {
      const { fetch, sent } = answering();
      const going = fetch(url, init);
      await expect(going).rejects.toMatchObject({ code: "ERR_OPTION" });
      const { href } = new URL(url);
      const shown = href.replace(/\?.*/, "?[query]");
      await expect(going).rejects.toThrow(`endpoint is ${ENDPOINT}, and an MCP request goes to ${shown}`);
      await expect(going).rejects.not.toThrow("secret");
      expect(sent).toEqual([]);
    }
  });

  it.each(["https://mcp.example:443/mcp", "HTTPS://MCP.EXAMPLE/mcp", "https://mcp.example/a/../mcp", `${ENDPOINT}#x`])(
    "is none if the URL is the same once it is parsed: %s (SPEC-4.8)",
    async (url) => {
      const { fetch, sent } = answering(answer(200, VERIFIED));
      await fetch(url, { method: "POST", body: rpc("tools/call") });
      expect(sent).toMatchObject([{ attested: true }]);
      expect(fetch.attestation.status).toBe("verified");
    },
  );

  it("is refused where a server's redirect leads to another spelling, as the SDKs follow it (M10, SPEC-4.9)", async () => {
    const { fetch, sent } = answering(answer(307, { Location: "/mcp/" }));
    const init = { method: "POST", body: rpc("initialize") };
    await fetch(ENDPOINT, init);
    await expect(fetch(new URL("https://mcp.example/mcp/"), init)).rejects.toThrow("endpoint is");
    expect(sent).toEqual([{ url: ENDPOINT, attested: true }]);
  });

  it.each(mcpRequests)("is reported where it goes to another path of that origin: %s", async (_, init) => {
    const { fetch, sent } = answering();
    await fetch("https://mcp.example/api/mcp?key=secret", init);
    const unattested = { endpoint: ENDPOINT, requested: "https://mcp.example/api/mcp?[query]" };
    expect(fetch.attestation).toEqual({ status: "unattested", unattested });
    expect(sent).toMatchObject([{ attested: false }]);
    await fetch(ENDPOINT, { method: "POST", body: rpc("ping") });
    expect(fetch.attestation).toEqual({ status: "pending", unattested });
  });

  it("is reported where another origin demands attestation", async () => {
    const refused = answer(200, { "Agent-Attestation-Error": "attestation_required" });
    const { fetch } = answering(answer(200), refused);
    const init = { method: "POST", body: rpc("tools/call") };
    await fetch("https://127.0.0.1/mcp", init);
    expect(fetch.attestation).toEqual({ status: "pending" });
    await fetch("https://127.0.0.1/mcp", init);
    const unattested = { endpoint: ENDPOINT, requested: "https://127.0.0.1/mcp" };
    expect(fetch.attestation).toEqual({ status: "unattested", unattested });
  });

  it("is reported without changing what is known of the endpoint", async () => {
    const { fetch } = answering(answer(200, VERIFIED));
    const init = { method: "POST", body: rpc("tools/call") };
    await fetch(ENDPOINT, init);
    await fetch("https://mcp.example/other", init);
    expect(fetch.attestation).toMatchObject({ status: "verified", unattested: { endpoint: ENDPOINT } });
  });

  it.each<[string, string | Request, RequestInit?]>([
    [
      "OAuth discovery",
      "https://mcp.example/.well-known/oauth-protected-resource/mcp",
      { headers: { "MCP-Protocol-Version": "2025-11-25", Accept: "application/json" } },
    ],
    [
      "a token request",
      "https://mcp.example/token",
      { method: "POST", body: new URLSearchParams({ grant_type: "x" }) },
    ],
    ["a registration", "https://mcp.example/register", { method: "POST", body: '{"client_name":"x"}' }],
    ["a method that MCP does not use", "https://mcp.example/mcp/", { method: "PUT", body: rpc("tools/call") }],
    ["HEAD of the endpoint", ENDPOINT, { method: "HEAD" }],
    ["a Request to elsewhere", new Request("https://mcp.example/file")],
  ])("is no business of it if it is none: %s (M10, SPEC-4.8)", async (_, url, init) => {
    const { fetch, sent } = answering();
    await fetch(url, init);
    expect(sent).toMatchObject([{ attested: false }]);
    expect(fetch.attestation).toEqual({ status: "pending" });
  });
});
