import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { EXTENSION } from "@attest/core";
import {
  type AttachOptions,
  type AttestationGuard,
  attestHandler,
  attestNodeHandler,
  type NodeHandler,
} from "@attest/mcp-server";
import { describe, expect, it } from "vitest";
import { createScene, listen, request, type Scene, wire } from "./support.ts";

const call = request(1, "tools/call", { name: "proxy" });
/** What an upstream server's guard would say. */
const refusal = (reason: string, extra: object = {}) => ({
  code: -31003,
  message: "Attestation expired",
  data: { extension: EXTENSION, reason, policy: "required", retryable: true, serverTime: 1, ...extra },
});
const answer = (error: object, id = 1) => ({ jsonrpc: "2.0", id, error });
const INTERNAL = { code: -32603, message: "Internal error" };

/** An answer as a handler makes it. */
interface Made {
  body: string | readonly Uint8Array[];
  type?: string;
  fields?: Record<string, string>;
}
type Gate = (
  guard: AttestationGuard,
  made: Made,
  options?: AttachOptions,
) => Promise<(init: RequestInit) => Promise<Response>>;

const piecesOf = ({ body }: Made): readonly Uint8Array[] => (typeof body === "string" ? [Buffer.from(body)] : body);

const gates: [string, Gate][] = [
  [
    "attestHandler",
    async (guard, made, options) => {
      const handler = attestHandler(
        (_: Request) => {
          const headers = { "Content-Type": made.type ?? "application/json", ...made.fields };
          const pieces = [...piecesOf(made)];
          const body = new ReadableStream<Uint8Array>({
            pull(controller) {
              const piece = pieces.shift();
              if (piece) controller.enqueue(piece);
              else controller.close();
            },
          });
          return new Response(body, { headers });
        },
        guard,
        options,
      );
      return async (init) => handler(new Request("https://server.example/mcp", init));
    },
  ],
  [
    "attestNodeHandler",
    async (guard, made, options) => {
      const handler = attestNodeHandler(
        (_: IncomingMessage, res: ServerResponse) => {
          res.writeHead(200, { "Content-Type": made.type ?? "application/json", ...made.fields });
          for (const piece of piecesOf(made)) res.write(piece);
          res.end();
        },
        guard,
        options,
      );
      const url = await listen((req, res) => void handler(req, res));
      return (init) => fetch(url, init);
    },
  ],
];

const textOf = async (scene: Scene, gate: Gate, made: Made, options?: AttachOptions) => {
  const send = await gate(scene.guard(), made, options);
  return (await send(await scene.alice.post(call))).text();
};

describe.each(gates)("behind %s", (_, gate) => {
  it.each<[string, object]>([
    ["a refusal", refusal("attestation_expired")],
    [
      "a refusal as v2 keeps it",
      { code: -32021, message: "x", data: { requiredCapabilities: { extensions: { [EXTENSION]: {} } } } },
    ],
  ])("%s that a handler passes on is no refusal of this server's any more (M13, SPEC-4.27)", async (_, error) => {
    const scene = await createScene();
    expect(JSON.parse(await textOf(scene, gate, { body: JSON.stringify(answer(error)) }))).toEqual(answer(INTERNAL));
    const spelt = JSON.stringify(answer(error)).replaceAll("io.github", "\\u0069o.github").replaceAll("/", "\\/");
    expect(JSON.parse(await textOf(scene, gate, { body: spelt }))).toEqual(answer(INTERNAL));
    expect(JSON.parse(await textOf(scene, gate, { body: JSON.stringify([answer(error)]) }))).toEqual([
      answer(INTERNAL),
    ]);
    const events = `event: message\ndata: ${JSON.stringify(answer(error))}\n\n`;
    const text = await textOf(scene, gate, { body: events, type: "text/event-stream" });
    expect(text).toBe(`event: message\ndata: ${JSON.stringify(answer(INTERNAL))}\n\n`);
  });

  it("no field of this protocol leaves that the guard did not set (M13, SPEC-4.27)", async () => {
    const scene = await createScene();
    const fields = {
      "Agent-Attestation-Error": "attestation_expired",
      "agent-attestation-time": "1",
      "Agent-Attestation-Status": "verified;trust=enterprise",
      "Agent-Attestation-Else": "x",
      "X-Own": "kept",
    };
    const send = await gate(scene.guard({ policy: "optional" }), { body: "{}", fields });
    const ownFields = (response: Response) => [...response.headers].filter(([name]) => name.startsWith("agent-"));
    const stranger = await send({ method: "POST", body: JSON.stringify(call) });
    expect([ownFields(stranger), stranger.headers.get("x-own")]).toEqual([[], "kept"]);
    const verified = await send(await scene.alice.post(call));
    expect(ownFields(verified)).toEqual([["agent-attestation-status", "verified;trust=provider"]]);
  });

  it.each<[string, Made]>([
    [
      "other errors",
      { body: JSON.stringify(answer({ code: -32602, message: "io.github.attest is mentioned", data: { x: 1 } })) },
    ],
    ["results", { body: '{ "jsonrpc": "2.0", "id": 1,  "result": {} }' }],
    ["what is not JSON", { body: "not { JSON io.github.attest" }],
    ["other types", { body: JSON.stringify(answer(refusal("attestation_expired"))), type: "text/plain" }],
    [
      "events",
      {
        body: `: comment\nretry: 5\nid: 7\ndata: {"jsonrpc":"2.0",\ndata: "method":"x"}\n\n`,
        type: "text/event-stream",
      },
    ],
  ])("%s leave as they are, byte for byte (SPEC-4.22)", async (_, made) => {
    expect(await textOf(await createScene(), gate, made)).toBe(made.body);
  });

  it("a status that a handler passes on from another server goes (M13)", async () => {
    const result = { content: [], _meta: { "io.github.attest/status": { verification_status: "verified" }, own: 1 } };
    const text = await textOf(await createScene(), gate, { body: JSON.stringify({ jsonrpc: "2.0", id: 1, result }) });
    expect(JSON.parse(text).result).toEqual({ content: [], _meta: { own: 1 } });
  });

  it("an event is rewritten wherever its stream is cut, and whatever ends its lines (M13)", async () => {
    const scene = await createScene();
    const wanted = ["id: 7", `data: ${JSON.stringify(answer(INTERNAL))}`, 'data: {"é":1}'];
    const json = JSON.stringify(answer(refusal("attestation_expired"))).replace(",", ",\n");
    const [first, second] = json.split("\n");
    for (const end of ["\n", "\r", "\r\n"]) {
      const event = Buffer.from(["id: 7", `data: ${first}`, `data: ${second}`, "", ""].join(end));
      const other = Buffer.from(`data: {"é":1}${end}${end}`);
      const stream = Buffer.concat([event, other]);
      const cuts = [...Array(stream.length + 1).keys()].filter((at) => end !== "\n" || at % 7 === 0);
      for (const at of gate === gates[0]?.[1] ? cuts : cuts.filter((cut) => cut % 40 === 0)) {
        const body = [stream.subarray(0, at), stream.subarray(at)].filter((piece) => piece.length > 0);
        const text = await textOf(scene, gate, { body, type: "text/event-stream" });
        expect([at, text.split(/[\r\n]+/).filter((line) => line !== "")]).toEqual([at, wanted]);
        expect(text.split(/\r\n\r\n|\n\n|\r\r/).filter((event) => event.includes("data"))).toHaveLength(2);
      }
    }
  });

  it("an event larger than maxEvent ends the stream with an error under the request's id", async () => {
    const body = [
      Buffer.from("data: "),
      ...Array.from({ length: 8 }, () => Buffer.alloc(1024, "x")),
      Buffer.from("\n\n"),
    ];
    const text = await textOf(await createScene(), gate, { body, type: "text/event-stream" }, { maxEvent: 4096 });
    expect(text).toMatch(/^event: message\ndata: .*\n\n$/);
    expect(JSON.parse(text.split("data: ")[1] as string)).toMatchObject({ id: 1, error: { code: -32603 } });
  });

  it("a handler reads the request itself as it was sent, and without the credentials that it held (SPEC-4.21)", async () => {
    const scene = await createScene();
    const seen: string[] = [];
    const web = attestHandler(async (req: Request) => {
      seen.push(await req.text());
      return new Response("{}");
    }, scene.guard());
    const node = attestNodeHandler(async (req, res) => {
      let text = "";
      for await (const chunk of req) text += chunk;
      seen.push(text);
      res.end("{}");
    }, scene.guard());
    const url = await listen((req, res) => void node(req, res));
    const send =
      gate === gates[0]?.[1]
        ? (init: RequestInit) => web(new Request(url, init))
        : (init: RequestInit) => fetch(url, init);
    const spaced = `{ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": { "name": "proxy" } }`;
    await send({ method: "POST", body: spaced, headers: await scene.alice.fields({ body: spaced }) });
    await send({ method: "POST", body: JSON.stringify(await scene.alice.inBand(call)) });
    expect(seen[0]).toBe(spaced);
    expect(JSON.parse(seen[1] as string)).toEqual({ ...call, params: { name: "proxy", _meta: {} } });
  });
});

describe("behind attestNodeHandler", () => {
  const answered = async (handle: NodeHandler) => {
    const { guard, alice } = await createScene();
    const gate = attestNodeHandler(handle, guard());
    const url = await listen((req, res) => void gate(req, res));
    return fetch(url, await alice.post(call));
  };

  it.each<[string, (res: ServerResponse) => ServerResponse]>([
    ["in a flat list", (res) => res.writeHead(200, ["Set-Cookie", "a=1", "Set-Cookie", "b=2"])],
    ["as a list", (res) => res.writeHead(200, { "Set-Cookie": ["a=1", "b=2"] })],
    ["before the head", (res) => res.setHeader("Set-Cookie", ["a=1", "b=2"])],
  ])("a field that a handler gives twice, %s, leaves twice, and the guard's with it (SPEC-7.8)", async (_, give) => {
    const { headers } = await answered((_, res) => give(res).end("{}"));
    expect(headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(headers.get("agent-attestation-status")).toBe("verified;trust=provider");
  });

  it.each([
    ["that its handler did not read has ended when the answer is closed", () => {}, true],
    ["that its handler is reading is left to it", (req: IncomingMessage) => void req.read(1), false],
    ["that its handler keeps waiting is left to it", (req: IncomingMessage) => void req.pause(), false],
  ])("a request %s", async (_, take, ended) => {
    let hasEnded: Promise<boolean> | undefined;
    await answered((req, res) => {
      take(req);
      hasEnded = once(res, "close").then(() => req.readableEnded);
      setImmediate(() => res.end("{}"));
    });
    expect(await hasEnded).toBe(ended);
  });
});

it("a handler that changes the fields of its request leaves those of the one that goes on alone", async () => {
  const { guard, alice } = await createScene();
  const gate = attestNodeHandler((req, _res, _body, next) => {
    for (const name of Object.keys(req.headers)) delete req.headers[name];
    next();
  }, guard());
  const url = await listen((req, res) => void gate(req, res, () => res.end(req.headers["content-type"])));
  expect(await (await fetch(url, await alice.post(call))).text()).toBe("application/json");
});

describe("a guarded wire", () => {
  it("lets no refusal out that the guard did not make for that message (M13, SPEC-4.27)", async () => {
    const { guard, alice } = await createScene();
    const { receive, transport, sent } = wire(guard());
    await receive(await alice.inBand(call));
    await transport.send(answer(refusal("attestation_expired")));
    await transport.send(answer(refusal("attestation_expired"), 99));
    await transport.send(answer({ code: -32602, message: "no", data: { reason: "attestation_expired" } }));
    expect(sent).toEqual([
      answer(INTERNAL),
      answer(INTERNAL, 99),
      answer({ code: -32602, message: "no", data: { reason: "attestation_expired" } }),
    ]);
  });
});

it.each<[object, string]>([
  [{ maxEvent: 10 }, "maxEvent"],
  [{ maxEvent: Number.NaN }, "maxEvent"],
  [{ reparsed: "yes" }, "reparsed"],
  [{ reparse: true }, "reparse"],
])("a gate refuses the options %j", async (options, named) => {
  const { guard } = await createScene();
  expect(() => attestHandler(() => new Response(), guard(), options as AttachOptions)).toThrow(named);
  expect(() => attestNodeHandler(() => {}, guard(), options as AttachOptions)).toThrow(named);
});
