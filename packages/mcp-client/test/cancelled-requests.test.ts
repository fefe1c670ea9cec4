import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { type AttestationSource, AttestingAgent, attestFetch, attestTransport, localSource } from "@attest/mcp-client";
import {
  type Client as V2Client,
  StreamableHTTPClientTransport as V2HttpTransport,
} from "@modelcontextprotocol/client";
import { StdioClientTransport as V2StdioTransport } from "@modelcontextprotocol/client/stdio";
import type { Client as V1Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as V1StdioTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as V1HttpTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type AnyClient, type ClientGeneration, newClient, ServerProcesses } from "./harness.ts";
import type { Json } from "./raw-wire.ts";
import { openRecording } from "./recording-wire.ts";

const ENDPOINT = "https://mcp.example/mcp";
let authority: TestAuthority;
let agent: AttestingAgent;
/** Seconds that the agent's clock runs ahead, so that it needs a new attestation. */
let ahead: number;
/** What the source waits for before it answers, and how often it was asked. */
let gate: Promise<void>;
let asked: number;
let servers: ServerProcesses;

beforeAll(async () => {
  authority = await createTestAuthority();
  servers = new ServerProcesses(authority);
});
afterAll(() => servers.close());
beforeEach(() => {
  ahead = 0;
  asked = 0;
  gate = Promise.resolve();
  const local = localSource(authority.provider, authority.identity);
  const source: AttestationSource = {
    async getAttestation(ask) {
      asked++;
      await gate;
      return local.getAttestation(ask);
    },
  };
  agent = new AttestingAgent({ source, clock: () => Math.floor(Date.now() / 1000) + ahead });
});

/** Makes the agent wait for its next attestation. @returns What ends the wait. */
function holdBack(): () => void {
  let open = () => {};
  gate = new Promise((resolve) => {
    open = resolve;
  });
  return open;
}

const call = (id: number) => ({ jsonrpc: "2.0", id, method: "tools/call", params: { name: "transfer" } });
const cancelled = (requestId: number) => ({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } });
const labels = (sent: readonly Json[]) => sent.map(({ id, method }) => id ?? method);

describe("an attested transport", () => {
  it("sends neither a request that is cancelled before its start nor the cancellation, and the rest in order (M6)", async () => {
    const { wire, transport } = openRecording(agent, authority.audience);
    const open = holdBack();
    const sending = [call(1), call(2), cancelled(1), call(3), cancelled(7), call(4), cancelled(4), cancelled(2)].map(
      (message) => transport.send(message),
    );
    await expect.poll(() => asked).toBe(1);
    open();
    await Promise.all(sending);
    expect(labels(wire.sent)).toEqual([3, "notifications/cancelled"]);
  });

  it("sends the cancellation of a request that was sent", async () => {
    const { wire, transport } = openRecording(agent, authority.audience);
    await transport.send(call(1));
    await transport.send(cancelled(1));
    expect(labels(wire.sent)).toEqual([1, "notifications/cancelled"]);
  });

  it("does not send a request whose own signal is aborted first, and says why (M6)", async () => {
    const { wire, transport } = openRecording(agent, authority.audience);
    const open = holdBack();
    const [before, meanwhile, after] = [new AbortController(), new AbortController(), new AbortController()];
    before.abort(new Error("too early"));
    const sending = [before, meanwhile, after].map(({ signal }, id) =>
      transport.send(call(id), { requestSignal: signal }),
    );
    meanwhile.abort(new Error("no longer wanted"));
    open();
    await expect(sending[0]).rejects.toThrow("too early");
    await expect(sending[1]).rejects.toThrow("no longer wanted");
    await sending[2];
    expect(labels(wire.sent)).toEqual([2]);
  });

  it("does not send a request again whose own signal is aborted, nor report that (M6, SPEC-7.10)", async () => {
    const { wire, transport, received, settle } = openRecording(agent, authority.audience);
    const errors: Error[] = [];
    transport.onerror = (error) => void errors.push(error);
    const controller = new AbortController();
    await transport.send(call(1), { requestSignal: controller.signal });
    const open = holdBack();
    ahead = 1000;
    const data = { extension: "io.github.attest/agent-attestation", reason: "attestation_expired" };
    wire.onmessage?.({ jsonrpc: "2.0", id: 1, error: { code: -31003, message: "expired", data } });
    controller.abort();
    open();
    await settle();
    expect(labels(wire.sent)).toEqual([1, "notifications/progress"]);
    expect([errors, received]).toEqual([[], []]);
  });
});

describe("an attesting fetch", () => {
  const recording = () => {
    const sent: RequestInit[] = [];
    const send = async (_: string | URL, init: RequestInit = {}) => {
      sent.push(init);
      return new Response("{}");
    };
    return { sent, fetch: attestFetch({ agent, audience: authority.audience, endpoint: ENDPOINT, fetch: send }) };
  };
  const post = (message: object, init: RequestInit = {}) => ({
    method: "POST",
    body: JSON.stringify(message),
    ...init,
  });

  it("does not send a request whose signal is aborted first, and rejects at once with its reason (M6)", async () => {
    const { sent, fetch } = recording();
    holdBack();
    const controller = new AbortController();
    const sending = fetch(ENDPOINT, post(call(1), { signal: controller.signal }));
    await expect.poll(() => asked).toBe(1);
    controller.abort(new Error("no longer wanted"));
    await expect(sending).rejects.toThrow("no longer wanted");
    await expect(fetch(ENDPOINT, post(call(2), { signal: AbortSignal.abort(new Error("too early")) }))).rejects.toThrow(
      "too early",
    );
    await expect(
      fetch(new Request(ENDPOINT, post(call(3), { signal: AbortSignal.abort(new Error("of a Request")) }))),
    ).rejects.toThrow("of a Request");
    expect(sent).toEqual([]);
  });

  it("listens to a signal of many requests once, and ends all of them", async () => {
    const { sent, fetch } = recording();
    holdBack();
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const listen = signal.addEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof listen>) => {
      listeners++;
      listen(...args);
    };
    const sending = Array.from({ length: 50 }, (_, id) => fetch(ENDPOINT, post(call(id), { signal })));
    await expect.poll(() => asked).toBe(1);
    controller.abort(new Error("closed"));
    const outcomes = await Promise.allSettled(sending);
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(["rejected"]));
    expect([sent, listeners]).toEqual([[], 1]);
  });

  it("passes the signal on", async () => {
    const { sent, fetch } = recording();
    const { signal } = new AbortController();
    await fetch(ENDPOINT, post(call(1), { signal }));
    expect(sent[0]?.signal).toBe(signal);
  });

  it("does not send a request again whose signal is aborted after the first refusal (M6, SPEC-7.10)", async () => {
    const controller = new AbortController();
    let times = 0;
    const send = async () => {
      times++;
      controller.abort(new Error("no longer wanted"));
      return new Response("{}", { headers: { "Agent-Attestation-Error": "attestation_expired" } });
    };
    const fetch = attestFetch({ agent, audience: authority.audience, endpoint: ENDPOINT, fetch: send });
    await expect(fetch(ENDPOINT, post(call(1), { signal: controller.signal }))).rejects.toThrow("no longer wanted");
    expect(times).toBe(1);
  });

  it("sends neither a request that its session cancels before its start nor the cancellation (M6)", async () => {
    const { sent, fetch } = recording();
    const open = holdBack();
    const inSession = (message: object, session: string) =>
      fetch(ENDPOINT, post(message, { headers: { "Mcp-Session-Id": session } }));
    const answers = [
      inSession(call(1), "b"),
      inSession(call(1), "a"),
      inSession(call(2), "a"),
      inSession(cancelled(1), "a"),
      inSession(cancelled(3), "a"),
      fetch(ENDPOINT, post(call(4))),
      fetch(ENDPOINT, post(cancelled(4))),
    ];
    await expect.poll(() => asked).toBe(1);
    open();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 202, 200, 202, 200, 200, 200]);
    const went = sent.map(({ body, headers }) => [
      labels([JSON.parse(String(body))])[0],
      new Headers(headers).get("Mcp-Session-Id"),
    ]);
    expect(went).toHaveLength(5);
    // Without a session, nothing tells one client's ids from another's.
    expect(went).toEqual(
      expect.arrayContaining([
        [1, "b"],
        [2, "a"],
        ["notifications/cancelled", "a"],
        [4, null],
        ["notifications/cancelled", null],
      ]),
    );
  });

  it("does not send a request again that its session cancels after the first refusal (M6, SPEC-7.10)", async () => {
    const sent: string[] = [];
    const headers = { "Mcp-Session-Id": "a" };
    const send = async (_: string | URL, init: RequestInit = {}) => {
      sent.push(String(init.body));
      ahead = 1000;
      return new Response("{}", { headers: { "Agent-Attestation-Error": "attestation_expired" } });
    };
    const fetch = attestFetch({ agent, audience: authority.audience, endpoint: ENDPOINT, fetch: send });
    await agent.credentialsFor(authority.audience, { kind: "http", method: "GET" });
    const open = holdBack();
    const sending = fetch(ENDPOINT, post(call(1), { headers }));
    await expect.poll(() => asked).toBe(2);
    const cancelling = fetch(ENDPOINT, post(cancelled(1), { headers }));
    open();
    expect([(await sending).status, (await cancelling).status]).toEqual([202, 202]);
    expect(sent).toEqual([JSON.stringify(call(1))]);
  });
});

/** A real connection of each SDK, and the bodies that left this process. */
async function connected(generation: ClientGeneration, over: "stdio" | "http") {
  const client = newClient(generation);
  const { audience } = authority;
  const server = generation === "v1" ? "v1" : "v2";
  const sent: string[] = [];
  if (over === "stdio") {
    const inner = new (generation === "v1" ? V1StdioTransport : V2StdioTransport)(servers.stdio(server));
    const send = inner.send.bind(inner);
    inner.send = (message: never) => {
      sent.push(JSON.stringify(message));
      return send(message);
    };
    await client.connect(attestTransport(inner, { agent, audience }));
  } else {
    const wire = generation === "v2 stateless" ? "http-stateless" : "http-stateful";
    const url = await servers.startHttp(server, wire);
    const recording = async (to: string | URL, init?: RequestInit) => {
      sent.push(String(init?.body));
      return globalThis.fetch(to, init);
    };
    const fetch = attestFetch({ agent, audience, endpoint: url, fetch: recording });
    await client.connect(new (generation === "v1" ? V1HttpTransport : V2HttpTransport)(url, { fetch }));
  }
  return { client, sent };
}

function callWith(signal: AbortSignal, generation: ClientGeneration, client: AnyClient): Promise<unknown> {
  const params = { name: "protected", arguments: { n: 1 } };
  // The two generations take their options in different places.
  return generation === "v1"
    ? (client as unknown as V1Client).callTool(params, undefined, { signal })
    : (client as unknown as V2Client).callTool(params, { signal });
}

describe.each(
  (["v1", "v2 handshake", "v2 stateless"] as const).flatMap((kind) =>
    (["stdio", "http"] as const).map((over) => [kind, over] as const),
  ),
)("a call of a %s client over %s", (generation, over) => {
  it("that is aborted while its attestation is awaited never reaches the server (M6)", async () => {
    const { client, sent } = await connected(generation, over);
    const open = holdBack();
    const before = asked;
    ahead = 1000;
    const controller = new AbortController();
    const calling = callWith(controller.signal, generation, client);
    calling.catch(() => {});
    await expect.poll(() => asked).toBe(before + 1);
    ahead = 0;
    controller.abort(new Error("no longer wanted"));
    await expect(calling).rejects.toThrow("no longer wanted");
    open();
    const { content } = await client.callTool({ name: "whoami" });
    expect(content[0].text).toBe("spiffe://example.com/model/example-1");
    expect(sent.filter((body) => body.includes('"protected"'))).toEqual([]);
    await client.close();
  });
});
