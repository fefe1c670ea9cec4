// @attest/mcp-client and @attest/mcp-server together, in both protocol eras of both SDKs, in memory, over stdio and over
// HTTP. Each pairing serves an attested agent by name, and refuses a stranger and a message that was sent before.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { attestationErrorOf, attestFetch, attestTransport } from "@attest/mcp-client";
import { attestHandler, attestNodeHandler, attestServer } from "@attest/mcp-server";
import { Client as V2Client, StreamableHTTPClientTransport as V2Http } from "@modelcontextprotocol/client";
import { StdioClientTransport as V2Stdio } from "@modelcontextprotocol/client/stdio";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { Client as V1Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as V1Stdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as V1Http } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { InMemoryTransport as V1Memory } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer as V1Server } from "@modelcontextprotocol/sdk/server/mcp.js";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createMcpHandler, McpServer as V2Server } from "@modelcontextprotocol/server";
import { AUDIENCE, authorityJwk, makeAgent, makeGuard, makeServer, SUBJECT } from "./mcp-setup.mjs";
import { selfCommand } from "./self-command.mjs";

const INFO = { name: "client", version: "1.0.0" };
const v1 = { client: () => new V1Client(INFO), Http: V1Http, Stdio: V1Stdio, Memory: V1Memory, Server: V1Server };
const v2 = (mode) => ({
  client: () => new V2Client(INFO, { versionNegotiation: { mode } }),
  ...{ Http: V2Http, Stdio: V2Stdio, Memory: V1Memory, Server: V2Server },
});
const GENERATIONS = { v1, "v2 handshake": v2("legacy"), "v2 stateless": v2({ pin: "2026-07-28" }) };

const audience = AUDIENCE;
const whoami = async (client) => (await client.callTool({ name: "whoami", arguments: {} })).content[0].text;
const reasonOf = (calling) => calling.then(whoami).then(String, (error) => attestationErrorOf(error)?.reason ?? error);

/** A transport between whose ends everything that is sent is kept, and can be sent again. */
function recording(inner) {
  const sent = [];
  let waiting;
  const recorder = new Proxy(inner, {
    get(target, name) {
      if (name === "send") {
        return (message, options) => {
          sent.push(message);
          return target.send(message, options);
        };
      }
      const value = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
    set(target, name, value) {
      const deliver = (message, extra) =>
        message.id === waiting?.id ? waiting.resolve(message) : value(message, extra);
      return Reflect.set(target, name, name === "onmessage" ? deliver : value, target);
    },
  });
  /** Sends the last call again under another id, and resolves to its answer. */
  const replay = () =>
    new Promise((resolve) => {
      const call = sent.findLast(({ method }) => method === "tools/call");
      waiting = { id: "again", resolve };
      void inner.send({ ...call, id: waiting.id });
    });
  return { recorder, replay };
}

/** @param open Opens a transport to a new session of a guarded server. */
async function overMessages(generation, open) {
  const { client } = GENERATIONS[generation];
  const { recorder, replay } = recording(await open());
  const attested = client();
  await attested.connect(attestTransport(recorder, { agent: makeAgent(), audience }));
  assert.equal(await whoami(attested), SUBJECT);
  assert.equal(attestationErrorOf((await replay()).error)?.reason, "attestation_replay");
  await attested.close();
  const stranger = client();
  const connected = stranger.connect(await open()).then(() => stranger);
  assert.equal(await reasonOf(connected), "attestation_required");
  await stranger.close();
}

async function inMemory(generation) {
  const { Memory, Server } = GENERATIONS[generation];
  await overMessages(generation, async () => {
    const [here, there] = Memory.createLinkedPair();
    await attestServer(makeServer(Server), await makeGuard()).connect(there);
    return here;
  });
}

async function overStdio(generation) {
  const { Stdio } = GENERATIONS[generation];
  const server = join(import.meta.dirname, "mcp-stdio-server.mjs");
  const run = process.env.ATTEST_SERVER_COMMAND;
  const [command, ...args] = run ? [...JSON.parse(run), server] : selfCommand(server);
  args.push(generation === "v1" ? "v1" : "v2");
  const env = { ...process.env, ATTEST_AUTHORITY: JSON.stringify(authorityJwk) };
  await overMessages(generation, async () => new Stdio({ command, args, env }));
}

async function overHttp(generation) {
  const { client, Http } = GENERATIONS[generation];
  const server = createServer(await httpHandler(generation)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = new URL(`http://127.0.0.1:${server.address().port}/mcp`);
  let call;
  const recorder = (url, init) => {
    if (String(init.body).includes('"tools/call"')) call = init;
    return fetch(url, init);
  };
  const attested = client();
  const attesting = attestFetch({ agent: makeAgent(), audience, endpoint, fetch: recorder });
  await attested.connect(new Http(endpoint, { fetch: attesting }));
  assert.equal(await whoami(attested), SUBJECT);
  assert.equal(attesting.attestation.status, "verified");
  const replayed = await fetch(endpoint, call);
  assert.equal(replayed.headers.get("agent-attestation-error"), "attestation_replay");
  await replayed.body?.cancel();
  await attested.close();
  const stranger = client();
  const connected = stranger.connect(new Http(endpoint)).then(() => stranger);
  assert.equal(await reasonOf(connected), "attestation_required");
  await stranger.close();
  server.close();
  server.closeAllConnections();
}

async function httpHandler(generation) {
  const guard = await makeGuard();
  if (generation !== "v1")
    return toNodeHandler(
      attestHandler(
        createMcpHandler(() => makeServer(V2Server)),
        guard,
      ),
    );
  const sessions = new Map();
  return attestNodeHandler(async (req, res, body) => {
    let transport = sessions.get(req.headers["mcp-session-id"]);
    if (!transport) {
      transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (id) => sessions.set(id, transport),
      });
      await attestServer(makeServer(V1Server), guard).connect(transport);
    }
    await transport.handleRequest(req, res, body);
  }, guard);
}

let pairings = 0;
const wires =
  process.argv[2] === "stdio" ? { stdio: overStdio } : { memory: inMemory, stdio: overStdio, HTTP: overHttp };
for (const generation of Object.keys(GENERATIONS)) {
  for (const [wire, prove] of Object.entries(wires)) {
    // A server in memory is connected by hand, and so speaks the handshake era.
    if (wire === "memory" && generation === "v2 stateless") continue;
    await prove(generation).catch((cause) => {
      throw new Error(`${generation} over ${wire}`, { cause });
    });
    pairings++;
  }
}
console.log(`${pairings} pairings: called, refused, replay refused`);
process.exit(0);
