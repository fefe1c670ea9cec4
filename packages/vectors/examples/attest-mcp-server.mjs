// A driver for the guard of @attest/mcp-server: what a driver for another guard looks like. It answers what is asked of guards.
// npx @attest/vectors run --files guards -- node node_modules/@attest/vectors/examples/attest-mcp-server.mjs
import { createInterface } from "node:readline";
import { InMemoryKeyResolver, InMemoryReplayCache } from "@attest/core";
import { AttestationGuard, attestHandler, attestServerTransport } from "@attest/mcp-server";

/** The time that the guard's clock tells. */
let now = Number.NaN;
let guarded;

const ANSWERS = {
  async guard({ verifier }) {
    const guard = new AttestationGuard(await optionsOf(verifier));
    guarded = { gate: gateOf(guard), wire: wireOf(guard) };
    return {};
  },
  http({ time, request, answer }) {
    now = time;
    return guarded.gate(request, answer);
  },
  wire({ time, from, message }) {
    now = time;
    return guarded.wire(from, message);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, ask, ...question } = JSON.parse(line);
  const answer = ANSWERS[ask] ? await ANSWERS[ask](question) : { unsupported: true };
  process.stdout.write(`${JSON.stringify({ ...answer, id })}\n`);
}

/** The guard before a web-standard handler. */
function gateOf(guard) {
  let server;
  const gate = attestHandler(async (request) => server(request), guard);
  return async ({ method, fields, body }, answer) => {
    let message;
    let handled = false;
    server = async (request) => {
      handled = true;
      message = method === "POST" ? await request.json() : undefined;
      const { status } = answer;
      return new Response(answer.body === undefined ? null : JSON.stringify(answer.body), {
        status,
        headers: answer.fields,
      });
    };
    const headers = Object.entries(fields).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
    const response = await gate(
      new Request("https://server.example/mcp", { method, headers, ...(body !== undefined && { body }) }),
    );
    const text = response.headers.get("content-type")?.includes("json") ? await response.text() : "";
    return {
      handled,
      ...(message && { message }),
      status: response.status,
      fields: Object.fromEntries(response.headers),
      body: text === "" ? null : JSON.parse(text),
    };
  };
}

/** The guard between a transport and a server, in both directions. */
function wireOf(guard) {
  const outcomes = [];
  let wake = () => {};
  const tell = (outcome) => {
    outcomes.push(outcome);
    wake();
  };
  const inner = { onmessage: undefined, onerror: () => {}, send: async (message) => tell({ sent: message }) };
  const wrapped = attestServerTransport(inner, guard);
  wrapped.onmessage = (message) => tell({ received: message });
  let count = 0;
  return async (from, message) => {
    outcomes.length = 0;
    if (from === "server") {
      await wrapped.send(message);
      return { passedOn: plain(outcomes[0]?.sent) };
    }
    inner.onmessage(message);
    // Messages are decided in order: once something has become of a ping after it, this one has been.
    const last = `after-${count++}`;
    inner.onmessage({ jsonrpc: "2.0", id: last, method: "ping" });
    const isLast = ({ sent, received }) => (sent ?? received).id === last;
    while (!outcomes.some(isLast)) {
      await new Promise((resolve) => {
        wake = resolve;
      });
    }
    const own = outcomes.filter((outcome) => !isLast(outcome));
    return {
      passedOn: plain(own.find(({ received }) => received)?.received),
      reply: plain(own.find(({ sent }) => sent)?.sent),
    };
  };
}

/** A message as JSON has it. */
function plain(message) {
  return message === undefined ? null : JSON.parse(JSON.stringify(message));
}

async function optionsOf({ keys, revoked, unavailable = [], maxLifetime: { bound, ...lifetimes }, ...options }) {
  const keyResolver = new InMemoryKeyResolver();
  for (const { issuer } of options.trustedIssuers)
    for (const jwk of keys[issuer].keys) await keyResolver.addKey(issuer, jwk);
  return {
    ...options,
    maxLifetime: { attestation: bound, ...lifetimes },
    tickets: false,
    clock: () => now,
    keyResolver: {
      resolve(issuer, kid) {
        if (unavailable.includes("keys")) throw new Error("unavailable");
        return keyResolver.resolve(issuer, kid);
      },
    },
    replayCache: new InMemoryReplayCache({ clock: () => 1 }),
    ...(revoked && { isRevoked: ({ iss, jti }) => revoked.some((one) => one.iss === iss && one.jti === jti) }),
  };
}
