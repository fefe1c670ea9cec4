import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { keepRawBody } from "@attest/mcp-server";
import { eventsOf, filterOf, readBody, readNodeBody } from "@attest/mcp-server/gate";
import { describe, expect, it } from "vitest";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
const PIECES = 100_000;
const LIMIT = 4 * 1024 * 1024;
const turn = () => new Promise((resolve) => setImmediate(resolve));

function held(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** A body of white space, a byte at a time, of which the end comes when `end` is called. */
function bytewise() {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  let taken = () => {};
  const allTaken = new Promise<void>((resolve) => {
    taken = resolve;
  });
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < PIECES; i++) yield new Uint8Array([32]);
    taken();
    await ended;
  }
  return { pieces, allTaken, end };
}

/** A request that brings a body of white space, a byte at a time. */
async function push(req: IncomingMessage): Promise<void> {
  for (let i = 0; i < PIECES; i++) {
    req.push(Buffer.from([32]));
    await turn();
  }
}

function incoming(): IncomingMessage {
  const req = new IncomingMessage(new Socket());
  req.method = "POST";
  return req;
}

describe("what came of a body in many small pieces takes little more than its bytes (SPEC-4.18, T17)", () => {
  const little = PIECES * 20;

  it("of a web-standard request", async () => {
    const { pieces, allTaken, end } = bytewise();
    const request = new Request("http://127.0.0.1/", {
      method: "POST",
      body: ReadableStream.from(pieces()) as ReadableStream<Uint8Array>,
      duplex: "half",
    } as RequestInit);
    const before = held();
    const read = readBody(request, LIMIT);
    await allTaken;
    expect(held() - before).toBeLessThan(little);
    end();
    expect(await read).toHaveLength(PIECES);
  });

  it("of a request of node:http", async () => {
    const req = incoming();
    const before = held();
    const read = readNodeBody(req, LIMIT);
    await push(req);
    expect(held() - before).toBeLessThan(little);
    req.push(null);
    expect(await read).toHaveLength(PIECES);
  });

  it("of a request whose bytes are kept for a gate", async () => {
    const req = incoming();
    const before = held();
    keepRawBody(req);
    req.resume();
    await push(req);
    expect(held() - before).toBeLessThan(little);
    req.push(null);
    await turn();
    expect(await readNodeBody(req, LIMIT)).toHaveLength(PIECES);
  });

  it("of an event on its way through a gate", () => {
    const options = { enforced: true } as never;
    const filter = filterOf({ options, request: undefined, maxEvent: LIMIT }, "text/event-stream");
    const before = held();
    for (let i = 0; i < PIECES; i++) filter?.push(new Uint8Array([58]));
    expect(held() - before).toBeLessThan(little);
    const [...out] = filter?.push(new TextEncoder().encode("\n\n")) ?? [];
    expect(out.reduce((length, piece) => length + piece.length, 0)).toBe(PIECES + 2);
  });

  it("of an event that a client reads", async () => {
    const { pieces, allTaken, end } = bytewise();
    const events = eventsOf(pieces(), LIMIT);
    const before = held();
    const first = events.next();
    await allTaken;
    expect(held() - before).toBeLessThan(little);
    end();
    expect(await first).toMatchObject({ done: true });
  });
});
