import { EXTENSION, META_ATTESTATION } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestingAgent, attestationErrorOf, attestFetch, attestTransport, localSource } from "@attest/mcp-client";
import { StreamableHTTPClientTransport as V2HttpTransport } from "@modelcontextprotocol/client";
import { StreamableHTTPClientTransport as V1HttpTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClientGeneration, newClient, ServerProcesses } from "./harness.ts";
import { type Json, post, requestOf } from "./raw-wire.ts";

let authority: TestAuthority;
let agent: AttestingAgent;
let audience: string;
let servers: ServerProcesses;

beforeAll(async () => {
  authority = await createTestAuthority();
  audience = authority.audience;
  agent = new AttestingAgent({ source: localSource(authority.provider, authority.identity) });
  servers = new ServerProcesses(authority);
});
afterAll(() => servers.close());

describe.each<ClientGeneration>(["v1", "v2 handshake", "v2 stateless"])(
  "credentials in the message, over HTTP: %s",
  (kind) => {
    it("are verified in stateless serving, with the status told in the answer", async () => {
      const url = await servers.startHttp(kind === "v1" ? "v1" : "v2", "http-stateless");
      const HttpTransport = kind === "v1" ? V1HttpTransport : V2HttpTransport;
      const transport = attestTransport(new HttpTransport(url), { agent, audience });
      const client = newClient(kind);
      await client.connect(transport);
      const { content } = await client.callTool({ name: "protected", arguments: { n: 2 } });
      expect(content[0].text).toBe("2 spiffe://example.com/model/example-1");
      expect(transport.attestation).toEqual({ status: "verified", trustLevel: "provider", policy: "required" });
      await client.close();
    });
  },
);

/** A transport that remembers what it was to send and answers nothing. */
function recordingTransport() {
  const sent: { params: { _meta: Record<string, unknown> } & Record<string, unknown> }[] = [];
  const inner = {
    onmessage: undefined,
    send: async (message: unknown) => void sent.push(message as (typeof sent)[number]),
  };
  return { sent, transport: attestTransport(inner, { agent, audience }) };
}

describe("what an attesting transport sends", () => {
  it("declares the extension in every stateless request, beside what the client declares (SPEC-4.25)", async () => {
    const { sent, transport } = recordingTransport();
    for (const method of ["server/discover", "tools/list"])
      await transport.send(requestOf("stateless", method, method));
    for (const { params } of sent) {
      expect(params._meta).toMatchObject({
        "io.modelcontextprotocol/clientCapabilities": { extensions: { [EXTENSION]: { version: "0.2.0" } } },
        [META_ATTESTATION]: expect.any(String),
      });
    }
  });

  it("goes out in the order in which it was sent, however long each attestation takes", async () => {
    const sent: unknown[] = [];
    let release: (() => void)[] = [];
    const local = localSource(authority.provider, authority.identity);
    const slow = new AttestingAgent({
      source: {
        getAttestation: async (ask) => {
          await new Promise<void>((resolve) => release.push(resolve));
          return local.getAttestation(ask);
        },
      },
    });
    const inner = {
      onmessage: undefined,
      send: async (message: Json) => void sent.push(message["id"] ?? message["method"]),
    };
    const transport = attestTransport(inner, { agent: slow, audience });
    const sending = [
      transport.send(requestOf("handshake", 1, "tools/call")),
      transport.send({ jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: 1 } }),
      transport.send({ jsonrpc: "2.0", id: 2, error: { code: -32000, message: "carries no credentials" } }),
      transport.send(requestOf("handshake", 3, "tools/list")),
    ];
    await expect.poll(() => release.length).toBeGreaterThan(0);
    expect(sent).toEqual([]);
    for (const one of release) one();
    release = [];
    await Promise.all(sending);
    expect(sent).toEqual([1, "notifications/progress", 2, 3]);
  });

  it("says nothing of extensions after a handshake", async () => {
    const { sent, transport } = recordingTransport();
    await transport.send(requestOf("handshake", 1, "tools/list"));
    expect(JSON.stringify(sent)).not.toContain(EXTENSION);
  });
});

describe("what a client makes of a refusal", () => {
  it("is the same whether the error has it, or the HTTP error quotes it", async () => {
    const url = await servers.startHttp("v2", "http-stateless");
    const message = requestOf("stateless", 1, "tools/list");
    const { message: refusal } = await post(url, message, {
      "Mcp-Protocol-Version": "2026-07-28",
      "Mcp-Method": "tools/list",
    });
    const expected = { reason: "attestation_required", retryable: true, policy: "required" };
    expect(attestationErrorOf(refusal.error)).toEqual(expected);
    const body = JSON.stringify(refusal);
    const quoted = new Error(`Error POSTing to endpoint (HTTP 400): ${body}`);
    expect(attestationErrorOf(quoted)).toEqual(expected);
    expect(attestationErrorOf(Object.assign(new Error("x"), { data: { status: 400, text: body } }))).toEqual(expected);
    const { code, data } = refusal.error;
    const reduced = { code, data: { requiredCapabilities: data.requiredCapabilities } };
    expect(attestationErrorOf(reduced)).toEqual({ reason: "attestation_required", retryable: true });
  });

  it.each([
    [undefined],
    [null],
    ["attestation_required"],
    [new Error("{")],
    [new Error('{"error":null}')],
    [new Error("null {}")],
    [{ code: -32001, data: {} }],
    [{ code: -31001, data: { extension: EXTENSION, reason: "__proto__" } }],
    [{ code: -32021, data: { requiredCapabilities: { extensions: null } } }],
  ])("is nothing where it is about something else: %s", (error) => {
    expect(attestationErrorOf(error)).toBeUndefined();
  });
});

describe("options that make no sense", () => {
  const inner = { onmessage: undefined, send: async () => {} };
  it.each<[string, () => unknown]>([
    ["agent", () => attestTransport(inner, { agent: {} as AttestingAgent, audience })],
    ["audience", () => attestTransport(inner, { agent, audience: "here" })],
    ["bearer", () => attestTransport(inner, { agent, audience, bearer: "yes" as unknown as boolean })],
    ["retyr", () => attestTransport(inner, { agent, audience, retyr: false } as never)],
    ["endpoint", () => attestFetch({ agent, audience, endpoint: "/mcp" })],
    ["fetch", () => attestFetch({ agent, audience, endpoint: "https://a.example/", fetch: 1 as never })],
    ["fecth", () => attestFetch({ agent, audience, endpoint: "https://a.example/", fecth: fetch } as never)],
    ["source", () => new AttestingAgent({ source: {} as never })],
    [
      "singer",
      () => new AttestingAgent({ source: localSource(authority.provider, authority.identity), singer: 1 } as never),
    ],
  ])("are refused, naming %s", (name, wrong) => {
    expect(wrong).toThrow(name);
  });

  it("include a transport that attests already", () => {
    const once = attestTransport({ ...inner }, { agent, audience });
    expect(() => attestTransport(once, { agent, audience })).toThrow(
      expect.objectContaining({
        code: "ERR_ALREADY_ATTESTED",
        message: expect.stringContaining("Wrap each transport once"),
      }),
    );
  });
});
