import { META_STATUS } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestingAgent, attestFetch, localSource } from "@attest/mcp-client";
import { beforeEach, describe, expect, it } from "vitest";
import { openRecording } from "./recording-wire.ts";

const ENDPOINT = "https://mcp.example/mcp";
let authority: TestAuthority;
let agent: AttestingAgent;
beforeEach(async () => {
  authority = await createTestAuthority();
  agent = new AttestingAgent({ source: localSource(authority.provider, authority.identity) });
});

const status = { [META_STATUS]: { verification_status: "verified", trust_level: "provider" } };
const ours = { ...status, "io.github.attest/of-a-later-version": 1 };
/** What a server sends, and what its host sees of it. */
const cases: readonly (readonly [string, object, object])[] = [
  ["a result", { id: 1, result: { _meta: { ...ours, a: 1 }, b: 2 } }, { id: 1, result: { _meta: { a: 1 }, b: 2 } }],
  ["a result with nothing else in _meta", { id: 1, result: { _meta: ours } }, { id: 1, result: {} }],
  [
    "a request of the server",
    { id: 7, method: "elicitation/create", params: { _meta: ours, message: "?" } },
    { id: 7, method: "elicitation/create", params: { message: "?" } },
  ],
  [
    "a notification",
    { method: "notifications/progress", params: { _meta: { ...ours, traceparent: "00" } } },
    { method: "notifications/progress", params: { _meta: { traceparent: "00" } } },
  ],
  [
    "a name that prototypes have",
    JSON.parse('{"id":1,"result":{"_meta":{"io.github.attest/x":1,"__proto__":{"a":1}},"__proto__":2}}'),
    JSON.parse('{"id":1,"result":{"_meta":{"__proto__":{"a":1}},"__proto__":2}}'),
  ],
  ...[
    { id: 1, result: { content: [{ type: "text", text: "io.github.attest/status", _meta: ours }] } },
    { id: 1, result: { _meta: { "io.github.attested/x": 1 } } },
    { id: 1, result: { _meta: [ours] } },
    { id: 1, result: { _meta: null, text: "\u0000 io.github.attest/status" } },
    { id: 1, error: { code: -31002, message: "no", data: { extension: "io.github.attest/agent-attestation" } } },
    { id: 1, result: [] },
  ].map((same) => ["what is not in the _meta of a message", same, same] as const),
];
const rpc = (message: object) => ({ jsonrpc: "2.0", ...message });

describe("a host of an attested transport", () => {
  it.each(cases)("sees no _meta key of this protocol: %s (SPEC-4.31)", async (_, sent, seen) => {
    const { wire, transport, received } = openRecording(agent, authority.audience);
    await transport.send({ jsonrpc: "2.0", id: 1, method: "tools/call" });
    const message = rpc(sent);
    const before = JSON.stringify(message);
    wire.onmessage?.(message);
    expect(received.map((one) => JSON.stringify(one))).toEqual([JSON.stringify(rpc(seen))]);
    expect(JSON.stringify(message)).toBe(before);
  });
});

it("learns how the server took the attestation before it removes what says so", async () => {
  const { wire, transport } = openRecording(agent, authority.audience);
  await transport.send({ jsonrpc: "2.0", id: 1, method: "tools/call" });
  wire.onmessage?.(rpc({ id: 1, result: { _meta: ours } }));
  expect(transport.attestation).toEqual({ status: "verified", trustLevel: "provider" });
});

/** What a client reads of a body that comes in these pieces. */
async function read(type: string, pieces: readonly Uint8Array[], init: ResponseInit = {}): Promise<string> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  const response = new Response(body, { ...init, headers: { "Content-Type": type, "Content-Length": "7" } });
  const fetch = attestFetch({ agent, audience: authority.audience, endpoint: ENDPOINT, fetch: async () => response });
  return (await fetch(ENDPOINT, { method: "POST", body: "{}" })).text();
}
const bytes = (text: string) => new TextEncoder().encode(text);

/** Events as the SDKs' parsers understand a stream. */
function eventsIn(stream: string): { data: string; id?: string; event?: string }[] {
  const events: { data: string; id?: string; event?: string }[] = [];
  for (const block of stream.replace(/\r\n?/g, "\n").split(/\n\n+/)) {
    const fields = block.split("\n").map((line) => /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? []);
    const values = (name: string) => fields.filter(([, field]) => field === name).map(([, , value = ""]) => value);
    const [id] = values("id");
    const [event] = values("event");
    const data = values("data").join("\n");
    if (data !== "") events.push({ data, ...(id !== undefined && { id }), ...(event !== undefined && { event }) });
  }
  return events;
}

describe("a host of an attesting fetch", () => {
  it.each(cases)("sees no _meta key of this protocol in JSON: %s (SPEC-4.31)", async (_, sent, seen) => {
    for (const json of [JSON.stringify(rpc(sent)), JSON.stringify(rpc(sent), null, 2)]) {
      const text = await read("application/json; charset=utf-8", [bytes(json)]);
      expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(rpc(seen)));
    }
  });

  it.each(cases)("sees no _meta key of this protocol in a stream: %s (SPEC-4.31)", async (_, sent, seen) => {
    const text = await read("text/event-stream", [
      bytes(`id: 1\nevent: message\ndata: ${JSON.stringify(rpc(sent))}\n\n`),
    ]);
    const events = eventsIn(text).map(({ data, ...rest }) => ({ ...rest, data: JSON.stringify(JSON.parse(data)) }));
    expect(events).toEqual([{ id: "1", event: "message", data: JSON.stringify(rpc(seen)) }]);
  });

  it.each([["\\u0069o.github.attest/status"], ["io.github.attest\\/status"], ["io.github.attes\\u0074\\u002fstatus"]])(
    "sees no key that is written with escapes: %s",
    async (key) => {
      const json = `{"jsonrpc":"2.0","id":1,"result":{"_meta":{"${key}":1},"a":"\\u0000"}}`;
      const seen = { jsonrpc: "2.0", id: 1, result: { a: "\u0000" } };
      expect(JSON.parse(await read("application/json", [bytes(json)]))).toEqual(seen);
      const [event] = eventsIn(await read("text/event-stream", [bytes(`data:${json}\n\n`)]));
      expect(JSON.parse(event?.data ?? "")).toEqual(seen);
    },
  );

  it("reads a batch", async () => {
    const text = await read("application/json", [bytes(JSON.stringify(cases.map(([, sent]) => rpc(sent))))]);
    expect(JSON.stringify(JSON.parse(text))).toBe(JSON.stringify(cases.map(([, , seen]) => rpc(seen))));
  });

  it.each(["\n", "\r\n", "\r"])("gets every event whole, wherever a stream with line end %j is cut", async (end) => {
    const result = `{"jsonrpc":"2.0","id":1,${end}data: "result":{"_meta":{"io.github.attest/status":{}},"ü":"😀"}}`;
    const stream = [
      `: hello`,
      ``,
      `id: 1`,
      `data: ${result}`,
      ``,
      `retry: 3`,
      `data: plain`,
      `data`,
      ``,
      ``,
      `data: 2`,
      ``,
      ``,
    ].join(end);
    const expected = [
      { id: "1", data: '{"jsonrpc":"2.0","id":1,"result":{"ü":"😀"}}' },
      { data: "plain\n" },
      { data: "2" },
    ];
    const whole = bytes(stream);
    for (let cut = 0; cut <= whole.length; cut++) {
      const text = await read("text/event-stream", [whole.subarray(0, cut), whole.subarray(cut)]);
      expect(eventsIn(text), `cut at ${cut}`).toEqual(expected);
    }
    const single = Array.from(whole, (byte) => Uint8Array.of(byte));
    expect(eventsIn(await read("text/event-stream", single))).toEqual(expected);
  });

  it("reads an event in many pieces at a cost that grows as its length", async () => {
    const costOf = async (mebibytes: number) => {
      const event = bytes(`data: {"text":"${"x".repeat(mebibytes * 1024 * 1024)}"}\n\n`);
      const pieces = Array.from({ length: event.length / 1024 }, (_, i) => event.subarray(i * 1024, (i + 1) * 1024));
      const begun = process.cpuUsage();
      await read("text/event-stream", pieces);
      const { user, system } = process.cpuUsage(begun);
      return user + system;
    };
    await costOf(1);
    // At a cost that grows as the square of it, this is 64.
    expect((await costOf(8)) / (await costOf(1))).toBeLessThan(24);
  });

  it("gets an event as soon as it is complete, and the head before the body", async () => {
    let source: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        source = controller;
      },
    });
    const response = new Response(body, { headers: { "Content-Type": "text/event-stream" } });
    const fetch = attestFetch({ agent, audience: authority.audience, endpoint: ENDPOINT, fetch: async () => response });
    const reader = (await fetch(ENDPOINT, { method: "GET" })).body?.getReader();
    const next = async () => new TextDecoder().decode((await reader?.read())?.value);
    for (const text of ['data: {"a":1}\n\n', 'data: {"a":2}\r\n\r\n', 'data: {"a":3}\r\r']) {
      source?.enqueue(bytes(text));
      expect(await next()).toBe(text);
    }
    for (const [begin, end] of [
      ["data: 1\n", "\n"],
      ["data: 1\r", "\r"],
      ["data: 1\r\n", "\r\n"],
    ] as const) {
      source?.enqueue(bytes(begin));
      source?.enqueue(bytes(end));
      let got = await next();
      if (got !== begin + end) got += await next();
      expect(got).toBe(begin + end);
      // The same where another event was complete before it.
      source?.enqueue(bytes(`data: 0\n\n${begin}`));
      source?.enqueue(bytes(end));
      got = await next();
      while (got.length < `data: 0\n\n${begin}${end}`.length) got += await next();
      expect(got).toBe(`data: 0\n\n${begin}${end}`);
    }
    source?.close();
  });

  it("gets text that has no such key as it came, byte for byte", async () => {
    const stream = 'id: 1\r\ndata:{"jsonrpc":"2.0", "id":12345678901234567890}\r\n\r\n: x\n\ndata: [1e400]\n\n';
    expect(await read("text/event-stream", [bytes(stream)])).toBe(stream);
    const json = '{"jsonrpc" : "2.0", "id":12345678901234567890}';
    expect(await read("application/json", [bytes(json)])).toBe(json);
    const other = '{"result":{"_meta":{"io.github.attest/status":1}}}';
    expect(await read("text/plain", [bytes(other)])).toBe(other);
    expect(await read("application/json", [bytes(`${other}x`)])).toBe(`${other}x`);
  });

  it("sees no such key in whichever way it reads JSON, once", async () => {
    const [sent, seen] = [
      { id: 1, result: { _meta: ours, b: "ü" } },
      { id: 1, result: { b: "ü" } },
    ].map(rpc);
    const ways: Record<string, (answer: Response) => Promise<unknown>> = {
      json: (answer) => answer.json(),
      text: async (answer) => JSON.parse(await answer.text()),
      arrayBuffer: async (answer) => JSON.parse(Buffer.from(await answer.arrayBuffer()).toString()),
      blob: async (answer) => JSON.parse(await (await answer.blob()).text()),
      body: (answer) => new Response(answer.body).json(),
      "json after a look at the body": (answer) => (answer.body?.locked ? Promise.reject(answer) : answer.json()),
      "a copy": (answer) => new Response(answer.body, answer).json(),
      clone: (answer) => answer.clone().json(),
      "itself after a clone": async (answer) => {
        await answer.clone().text();
        return answer.json();
      },
    };
    const platforms = (answer: Response) => answer;
    const others = ({ status, statusText, url, headers, body }: Response) =>
      ({ status, statusText, url, headers, body }) as Response;
    const kinds = Object.entries(ways).flatMap(([name, way]) => [platforms, others].map((of) => ({ name, way, of })));
    for (const { name, way, of } of kinds) {
      const answer = new Response(JSON.stringify(sent), { headers: { "Content-Type": "application/json" } });
      const fetch = attestFetch({
        agent,
        audience: authority.audience,
        endpoint: ENDPOINT,
        fetch: async () => of(answer),
      });
      const got = await fetch(ENDPOINT, { method: "POST", body: "{}" });
      expect(await way(got), name).toEqual(seen);
      if (name === "clone") continue;
      expect(got.bodyUsed, name).toBe(true);
      await expect(got.text(), name).rejects.toThrow(TypeError);
    }
  });

  it("gets head and failures of the answer as they were", async () => {
    const failing = new ReadableStream({ start: (controller) => controller.error(new Error("connection lost")) });
    const headers = { "Content-Type": "application/json", "Mcp-Session-Id": "s", "Content-Length": "2" };
    const init = { status: 404, statusText: "Gone", headers };
    const answers = [
      new Response("{}", init),
      new Response(failing, init),
      new Response(null, { status: 202, headers }),
    ];
    const fetch = attestFetch({
      agent,
      audience: authority.audience,
      endpoint: ENDPOINT,
      fetch: async () => answers.shift() as Response,
    });
    const post = () => fetch(ENDPOINT, { method: "POST", body: "{}" });
    const first = await post();
    expect([first.status, first.statusText, first.headers.get("mcp-session-id")]).toEqual([404, "Gone", "s"]);
    expect(first.headers.has("content-length")).toBe(false);
    await expect((await post()).text()).rejects.toThrow("connection lost");
    const accepted = await post();
    expect([accepted.status, accepted.body]).toEqual([202, null]);
  });

  it("ends the server's stream when it wants no more of it", async () => {
    let ended = false;
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(bytes("data: 1\n\n")),
      cancel: () => {
        ended = true;
      },
    });
    const response = new Response(body, { headers: { "Content-Type": "text/event-stream" } });
    const fetch = attestFetch({ agent, audience: authority.audience, endpoint: ENDPOINT, fetch: async () => response });
    await (await fetch(ENDPOINT, { method: "GET" })).body?.cancel();
    await expect.poll(() => ended).toBe(true);
  });
});
