import { AttestationGuard, attestHandler } from "@attest/mcp-server";
import type { Material } from "./material.ts";
import { type Cost, compare, type Variant } from "./measure.ts";
import type { Row } from "./row.ts";

const ROUNDS = 11;
const CHUNK = 16 * 1024;
const MEBIBYTE = 1024 * 1024;
const encoder = new TextEncoder();
const EVENT_STREAM = { headers: { "Content-Type": "text/event-stream" } };

/** A stateless call, whose answer the guard adds its status to, and an older one, whose answer leaves as it is. */
const STATELESS = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };
const callWith = (_meta: object) => ({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "read", _meta } });

/** What passing the events of a stream through a gate costs, in pieces of 16 KiB as a network brings them. */
export async function measureStreams({ authority }: Material): Promise<{ costs: Cost[]; rows: Row[] }> {
  const guard = new AttestationGuard(authority.verifierOptions);
  let chunks: readonly Uint8Array[] = [];
  const gate = attestHandler((_: Request) => new Response(streamOf(chunks), EVENT_STREAM), guard, {
    maxEvent: 64 * MEBIBYTE,
  });
  // Known to the guard, as an agent's is after its first call: what is measured is the stream.
  const attestation = await authority.attest();
  let requests: Request[] = [];
  const through = (name: string, message: object, body: readonly Uint8Array[]): Variant => ({
    name,
    async prepare(count) {
      chunks = body;
      requests = await Promise.all(Array.from({ length: count }, () => attested(authority, attestation, message)));
    },
    async run() {
      for (const request of requests) {
        const answer = await gate(request);
        if (answer.headers.get("agent-attestation-status") === null) throw new Error("An honest call was refused");
        await drain(answer.body);
      }
    },
  });
  const large = eventOf(16 * MEBIBYTE);
  const small = eventOf(4 * MEBIBYTE);
  const many = Array.from({ length: 1024 }, () => eventOf(CHUNK)).flat();
  const once = (size: string, event: readonly Uint8Array[]): Variant => ({
    name: `decoding, parsing and writing one event of ${size}`,
    async run(count) {
      for (let i = 0; i < count; i++) {
        const decoder = new TextDecoder();
        let text = "";
        for (const chunk of event) text += decoder.decode(chunk, { stream: true });
        const written = encoder.encode(`data: ${JSON.stringify(JSON.parse(text.slice(6)))}\n\n`);
        await drain(streamOf([written]));
      }
    },
  });
  const identity: Variant = {
    name: "passing 16 MiB in 1,024 events through a stream",
    async run(count) {
      for (let i = 0; i < count; i++) await drain(streamOf(many).pipeThrough(new TransformStream()));
    },
  };
  const rewritten = await compare(
    [
      once("16 MiB", large),
      once("4 MiB", small),
      through("through the gate, one event of 16 MiB that it adds to", callWith(STATELESS), large),
      through("through the gate, one event of 4 MiB that it adds to", callWith(STATELESS), small),
    ],
    { rounds: ROUNDS, count: 1 },
  );
  const passed = await compare([identity, through("through the gate, the same 1,024 events", callWith({}), many)], {
    rounds: ROUNDS,
    count: 1,
  });
  const cpu = (index: number) => rewritten[index]?.cpu ?? Number.NaN;
  const growth = (ofLarge: number, ofSmall: number) => cpu(ofLarge) / cpu(ofSmall);
  const row = (path: string, measured: number, must: number, aim: number): Row => ({
    path,
    unit: "ratio",
    measured,
    must,
    aim,
    better: "smaller",
  });
  return {
    costs: [...rewritten, ...passed],
    rows: [
      // Parsing four times as much costs more than four times as much, by what the collector does with it; so growth is judged
      // against that of handling the event once, which is linear by its making: 4.5 against the 4 of exact proportion.
      row(
        "one event through the gate, 16 MiB ÷ 4 MiB, against handled once (CPU)",
        growth(2, 3) / growth(0, 1),
        1.125,
        1.03,
      ),
      row("one event of 16 MiB through the gate ÷ handled once (CPU)", 1 / (rewritten[2]?.cpuRatio ?? 0), 1.5, 1.2),
      row("events that leave as they are, gate ÷ passing through (CPU)", 1 / (passed[1]?.cpuRatio ?? 0), 1.5, 1.2),
    ],
  };
}

async function attested(authority: Material["authority"], attestation: string, message: object): Promise<Request> {
  const body = JSON.stringify(message);
  const sent = { kind: "http", method: "POST", body: encoder.encode(body) } as const;
  const proof = await authority.prove(attestation, sent);
  const headers = { "Agent-Attestation": attestation, "Agent-Attestation-Proof": proof };
  return new Request("https://server.example/mcp", { method: "POST", headers, body });
}

/** One event of about this size, in pieces. */
function eventOf(size: number): readonly Uint8Array[] {
  const content = Array.from({ length: Math.ceil(size / 1000) }, (_, i) => ({
    type: "text",
    text: `${i}`.padEnd(970, "x"),
  }));
  const bytes = encoder.encode(`data: ${JSON.stringify({ jsonrpc: "2.0", id: 1, result: { content } })}\n\n`);
  return Array.from({ length: Math.ceil(bytes.length / CHUNK) }, (_, i) => bytes.subarray(i * CHUNK, (i + 1) * CHUNK));
}

function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks[next++];
      if (chunk) controller.enqueue(chunk);
      else controller.close();
    },
  });
}

async function drain(stream: ReadableStream<Uint8Array> | null): Promise<void> {
  if (!stream) throw new Error("The answer has no body");
  const reader = stream.getReader();
  while (!(await reader.read()).done);
}
