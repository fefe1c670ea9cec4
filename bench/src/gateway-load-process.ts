// The agents of the gateway's rows. They make their requests before anything is measured, and send them when they are asked to.
import { Agent, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { HTTP_FIELDS } from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { AttestingAgent, attestFetch, localSource } from "@attest/mcp-client";

/** How an agent's requests are proved. */
export type ProvedBy = "nothing" | "signatures" | "tickets";

/** What can be asked of this process. */
export type LoadQuestion =
  /** Makes so many calls. */
  | { readonly what: "make"; readonly endpoint: string; readonly by: ProvedBy; readonly count: number }
  /** Sends what was made. Answered with the wall time and that of each call, in milliseconds. */
  | { readonly what: "send"; readonly endpoint: string; readonly inFlight: number }
  /** Opens so many streams. With `stopped`, of a server that sends without end, which nobody reads. */
  | {
      readonly what: "open";
      readonly endpoint: string;
      readonly by: ProvedBy;
      readonly count: number;
      readonly stopped?: true;
    }
  | { readonly what: "close" };

interface Made {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

const OPENED_AT_ONCE = 50;
/** Milliseconds in which connections that ended while requests were made are noticed: a request on one of them is lost. */
const NOTICED_MS = 30;
const authority = await createTestAuthority();
const { audience, issuer, keyResolver } = authority;
const connections = new Agent({ keepAlive: true });
const source = localSource(authority.attestationIssuer, authority.identity);
const makers = new Map<string, (request: Made) => Promise<Made>>();
const open: IncomingMessage[] = [];
const made: Made[] = [];
let calls = 0;

function nextCall(): Made {
  const params = { name: "echo", arguments: { text: "x".repeat(200) } };
  const headers = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
  return {
    method: "POST",
    headers,
    body: JSON.stringify({ jsonrpc: "2.0", id: ++calls, method: "tools/call", params }),
  };
}

/** What attests requests to an endpoint. Its first request is sent, so that it has a ticket where it uses tickets. */
async function makerFor(endpoint: string, by: ProvedBy): Promise<(request: Made) => Promise<Made>> {
  const key = `${endpoint} ${by}`;
  const known = makers.get(key);
  if (known) return known;
  if (by === "nothing") return async (request) => request;
  const agent = new AttestingAgent({ source, tickets: by === "tickets" });
  let headers: Headers | undefined;
  let isSent = true;
  const attested = attestFetch({
    agent,
    audience,
    endpoint,
    async fetch(url, init) {
      if (isSent) return fetch(url, init);
      headers = init?.headers as Headers;
      return new Response(null, { headers: { [HTTP_FIELDS.status]: "verified;trust=provider" } });
    },
  });
  const answer = await attested(endpoint, nextCall());
  if (!(await answer.text()).includes('"result"')) throw new Error("An honest call was refused");
  isSent = false;
  const maker = async (request: Made): Promise<Made> => {
    await attested(endpoint, request);
    const isMac = headers?.get(HTTP_FIELDS.proof)?.startsWith("mac1~") === true;
    if (isMac !== (by === "tickets")) throw new Error(`A request is not proved by ${by}`);
    return { ...request, headers: Object.fromEntries(headers ?? []) };
  };
  makers.set(key, maker);
  return maker;
}

/** Sends a request and resolves to its answer, of which nothing is read. */
function send(endpoint: string, { method, headers, body }: Made): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
    const sent = request(endpoint, { method, headers: { ...headers, ...length }, agent: connections });
    sent.once("response", resolve).once("error", reject).end(body);
  });
}

/** Resolves to how long a call took, in milliseconds. */
async function call(endpoint: string, one: Made): Promise<number> {
  const begun = performance.now();
  const answer = await send(endpoint, one);
  let text = "";
  for await (const piece of answer.setEncoding("utf8")) text += piece;
  const took = performance.now() - begun;
  if (answer.statusCode !== 200 || !text.includes('"result"')) throw new Error(`An honest call was answered: ${text}`);
  return took;
}

async function sendMade(endpoint: string, inFlight: number): Promise<{ wall: number; took: number[] }> {
  await sleep(NOTICED_MS);
  const took: number[] = [];
  const begun = performance.now();
  const one = async () => {
    for (let next = made.pop(); next; next = made.pop()) took.push(await call(endpoint, next));
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  return { wall: performance.now() - begun, took };
}

async function openStreams({ endpoint, by, count, stopped }: Extract<LoadQuestion, { what: "open" }>): Promise<void> {
  const make = await makerFor(endpoint, by);
  const headers = { Accept: "text/event-stream", ...(stopped && { "Last-Event-ID": "without-end" }) };
  for (let left = count; left > 0; left -= OPENED_AT_ONCE) {
    const batch: Made[] = [];
    while (batch.length < Math.min(left, OPENED_AT_ONCE)) batch.push(await make({ method: "GET", headers }));
    const streams = await Promise.all(batch.map((one) => send(endpoint, one)));
    for (const stream of streams) {
      if (stream.statusCode !== 200) throw new Error(`A stream was answered with ${stream.statusCode}`);
      stream.on("error", () => {});
      if (!stopped) stream.resume();
    }
    open.push(...streams);
  }
}

async function answer(question: LoadQuestion): Promise<unknown> {
  switch (question.what) {
    case "make": {
      const make = await makerFor(question.endpoint, question.by);
      // One after another: a maker remembers what it sent last.
      for (let i = 0; i < question.count; i++) made.push(await make(nextCall()));
      return made.length;
    }
    case "send":
      return sendMade(question.endpoint, question.inFlight);
    case "open":
      await openStreams(question);
      return open.length;
    case "close":
      for (const stream of open.splice(0)) stream.destroy();
      return 0;
  }
}

process.on("message", async (question: LoadQuestion) => process.send?.(await answer(question)));
process.send?.({ audience, issuer, jwks: keyResolver.toJwks(issuer) });
