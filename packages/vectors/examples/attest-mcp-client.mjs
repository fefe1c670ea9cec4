// A driver for the agent of @attest/mcp-client: what a driver for another agent looks like. It answers what is asked of agents.
// npx @attest/vectors run --files agents -- node node_modules/@attest/vectors/examples/attest-mcp-client.mjs
import { createInterface } from "node:readline";
import { KeyPair } from "@attest/core";
import { AttestingAgent, attestFetch, attestTransport } from "@attest/mcp-client";

/** The time that the agent's clock tells. */
let now = Number.NaN;
let agent;

const ANSWERS = {
  async agent({ jwk, attestation, audience, endpoint }) {
    const signer = await KeyPair.fromJwk({ ...jwk, kid: "agent" });
    const source = { getAttestation: async () => attestation };
    const made = new AttestingAgent({ source, signer, clock: () => now });
    agent = { send: sending(made, audience, endpoint), tell: telling(made, audience) };
    return {};
  },
  send({ time, request, answers }) {
    now = time;
    return agent.send(request, answers);
  },
  tell({ time, message, answers }) {
    now = time;
    return agent.tell(message, answers);
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { id, ask, ...question } = JSON.parse(line);
  const answer = ANSWERS[ask] ? await ANSWERS[ask](question) : { unsupported: true };
  process.stdout.write(`${JSON.stringify({ ...answer, id })}\n`);
}

/** Over HTTP: the agent's `fetch`, before a server that gives the answers in order. */
function sending(made, audience, endpoint) {
  let server;
  const fetch = attestFetch({ agent: made, audience, endpoint, fetch: async (url, init) => server(url, init) });
  return async ({ url, method, fields, body }, answers) => {
    const sent = [];
    server = async (to, init) => {
      const { status, fields: answered, body: content } = answers[sent.length] ?? { status: 500, fields: {} };
      const bytes = init.body === undefined || init.body === null ? undefined : await new Response(init.body).text();
      sent.push({
        url: String(to),
        method: init.method,
        fields: Object.fromEntries(new Headers(init.headers)),
        body: bytes,
      });
      return new Response(content === undefined ? null : JSON.stringify(content), { status, headers: answered });
    };
    const response = await fetch(url, { method, headers: fields, ...(body !== undefined && { body }) });
    const text = await response.text();
    return { sent, got: text === "" ? null : JSON.parse(text) };
  };
}

/** On another transport: the agent's wrapper around one, whose server gives the answers in order. */
function telling(made, audience) {
  let server;
  const inner = { onmessage: undefined, onerror: () => {}, send: async (message) => server(message) };
  const wrapped = attestTransport(inner, { agent: made, audience });
  return async (message, answers) => {
    const sent = [];
    let got;
    const answered = new Promise((resolve) => {
      wrapped.onmessage = (answer) => {
        got = answer;
        resolve();
      };
      if (answers.length === 0) resolve();
    });
    server = async (each) => {
      const answer = answers[sent.length];
      sent.push(JSON.parse(JSON.stringify(each)));
      if (answer) queueMicrotask(() => inner.onmessage(answer));
    };
    await wrapped.send(message);
    await answered;
    return { sent, got };
  };
}
