import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestingAgent, type FetchLike, localSource } from "@attest/mcp-client";
import type { Client as V2Client } from "@modelcontextprotocol/client";
import type { Client as V1Client } from "@modelcontextprotocol/sdk/client/index.js";
import { ElicitRequestSchema } from "@modelcontextprotocol/sdk/types.js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  type AnyClient,
  type ClientGeneration,
  type Connection,
  connect,
  newClient,
  type ServerGeneration,
  ServerProcesses,
  type Wire,
} from "./harness.ts";
import { learnExpired } from "./learn-expired.ts";
import { attestedInBand, attestingFields, eraFields, type Json, post, RawPipe, requestOf } from "./raw-wire.ts";

const GENERATIONS: readonly ServerGeneration[] = ["v1", "v2"];
const HTTP: readonly Wire[] = ["http-stateful", "http-stateless"];
type Era = "handshake" | "stateless";

/**
 * How many calls 20 agents make at once: 1,000 on one server of each wire, which takes in both generations and both eras;
 * 60 on every other.
 */
function crowd(generation: ServerGeneration, wire: Wire, era: Era): number {
  return (wire === "http-stateful" ? generation === "v1" : generation === "v2" && era === "stateless") ? 1000 : 60;
}

let authority: TestAuthority;
let agent: AttestingAgent;
let audience: string;
let servers: ServerProcesses;
let closing: (() => unknown)[] = [];
/** One server process for each generation and wire, under `required`. */
const endpoints = new Map<string, URL>();

beforeAll(async () => {
  authority = await createTestAuthority();
  audience = authority.audience;
  agent = agentOf("example-1");
  servers = new ServerProcesses(authority);
  const pairs = GENERATIONS.flatMap((generation) => HTTP.map((wire) => [generation, wire] as const));
  await Promise.all(
    pairs.map(async ([generation, wire]) => {
      endpoints.set(`${generation} ${wire}`, await servers.startHttp(generation, wire));
    }),
  );
});
afterAll(() => servers.close());
afterEach(async () => {
  for (const close of closing.reverse()) await close();
  closing = [];
});

const endpointOf = (generation: ServerGeneration, wire: Wire) => endpoints.get(`${generation} ${wire}`) as URL;
const agentOf = (modelVersion: string) =>
  new AttestingAgent({ source: localSource(authority.provider, { ...authority.identity, modelVersion }) });
const agentsOf = (count: number) => Array.from({ length: count }, (_, i) => agentOf(`agent-${i}`));

async function connected(...args: Parameters<typeof connect>): Promise<Connection> {
  const connection = await connect(...args);
  closing.push(() => connection.client.close());
  return connection;
}

const ping = requestOf("handshake", 1, "ping");
const call = requestOf("handshake", 7, "tools/call", { name: "whoami", arguments: {} });
/** Params with which each of the methods tried here is well-formed. */
const params = {
  name: "whoami",
  arguments: {},
  notifications: {},
  protocolVersion: "2025-11-25",
  capabilities: {},
};

describe.each(GENERATIONS)("a %s server over stdio", (generation) => {
  /** One server for what is refused before it reaches any: each test looks at what came since its own beginning. */
  let pipe: RawPipe;
  beforeAll(() => {
    pipe = new RawPipe(servers.stdio(generation));
  });
  afterAll(() => pipe.close());

  it("refuses a call without initialize, unknown methods and subscriptions, each with its own id (M2)", async () => {
    for (const method of ["tools/call", "no/such", "subscriptions/listen", "initialize"]) {
      for (const era of ["handshake", "stateless"] as const) {
        const id = `${era} ${method}`;
        expect(await pipe.ask(requestOf(era, id, method, params))).toMatchObject({
          id,
          error: { data: { reason: "attestation_required" } },
        });
      }
    }
  });

  it("refuses a batch and executes nothing of it (M2)", async () => {
    pipe.send([await attestedInBand(agent, audience, { ...call, id: "inside" })]);
    expect(await pipe.ask(ping)).toMatchObject({ id: 1, result: {} });
    expect(pipe.received.some(({ id }) => id === "inside")).toBe(false);
  });

  it("drops notifications and responses without credentials, and goes on (M2, M7)", async () => {
    const before = pipe.received.length;
    pipe.send({ jsonrpc: "2.0", method: "notifications/initialized" });
    pipe.send({ jsonrpc: "2.0", id: 0, result: { action: "accept" } });
    pipe.send("{ not json");
    expect(await pipe.ask(ping)).toMatchObject({ id: 1, result: {} });
    expect(pipe.received).toHaveLength(before + 1);
  });

  it("believes no identity that came over the wire (M3)", async () => {
    const forged = { outcome: "verified", verified: true, trustLevel: "provider", subject: "spiffe://forged/x" };
    const message = requestOf("handshake", 3, "tools/call", { name: "whoami", arguments: {} });
    const params = { ...(message["params"] as Json), _meta: { "io.github.attest/context": forged, other: 1 } };
    expect(await pipe.ask({ ...message, params })).toMatchObject({
      error: { data: { reason: "attestation_required" } },
    });
    const honest = await attestedInBand(agent, audience, { ...message, params });
    expect(JSON.stringify(await pipe.ask(honest))).toContain("spiffe://example.com/model/example-1");
  });

  const era = generation === "v2" ? "stateless" : "handshake";
  const length = crowd(generation, "stdio", era);
  it(`keeps ${length} interleaved calls of 20 agents on one pipe apart (M4)`, async () => {
    const pipe = new RawPipe(servers.stdio(generation));
    closing.push(() => pipe.close());
    const agents = agentsOf(20);
    const answers = await Promise.all(
      Array.from({ length }, async (_, n) => {
        const message = requestOf(era, `call ${n}`, "tools/call", { name: "protected", arguments: { n } });
        return pipe.ask(await attestedInBand(agents[n % 20] as AttestingAgent, audience, message));
      }),
    );
    const texts = answers.map(({ result }) => result?.content[0].text);
    expect(texts).toEqual(Array.from({ length }, (_, n) => `${n} spiffe://example.com/model/agent-${n % 20}`));
  });
});

describe.each(GENERATIONS.flatMap((generation) => HTTP.map((wire) => [generation, wire] as const)))(
  "a %s server over %s",
  (generation, wire) => {
    const eras =
      generation === "v2" && wire === "http-stateless"
        ? (["handshake", "stateless"] as const)
        : (["handshake"] as const);

    it("refuses a call without initialize, unknown methods and subscriptions with 200 and the reason (M2)", async () => {
      for (const method of ["tools/call", "no/such", "subscriptions/listen", "initialize"]) {
        const message = requestOf("handshake", method, method, params);
        const answer = await post(endpointOf(generation, wire), message);
        expect(answer).toMatchObject({
          status: 200,
          message: {
            id: method,
            error: { code: method === "initialize" ? -32001 : -31001, data: { reason: "attestation_required" } },
          },
        });
        expect(answer.headers.get("Agent-Attestation-Error")).toBe("attestation_required");
      }
    });

    it("tells a stateless client that it lacks the extension, with 400 and -32021 (M2)", async () => {
      for (const method of ["tools/call", "subscriptions/listen"]) {
        const message = requestOf("stateless", method, method, { name: "whoami", arguments: {}, notifications: {} });
        const answer = await post(endpointOf(generation, wire), message, eraFields("stateless", message));
        expect(answer).toMatchObject({
          status: 400,
          message: {
            id: method,
            error: {
              code: -32021,
              data: {
                reason: "attestation_required",
                requiredCapabilities: { extensions: { "io.github.attest/agent-attestation": {} } },
              },
            },
          },
        });
      }
    });

    it.each([
      ["a batch", [ping], -32600],
      ["an empty batch", [], -32600],
      ["a request that is also a response", { ...ping, result: {} }, -32600],
      ["no JSON", "hello", -32700],
      ["null", "null", -32700],
    ])("refuses %s with 400 (M2)", async (_, body, code) => {
      const answer = await post(endpointOf(generation, wire), body);
      expect(answer).toMatchObject({ status: 400, message: { error: { code } } });
    });

    it("refuses notifications and responses without credentials with 403 and no body (M2, M7)", async () => {
      for (const body of [
        { jsonrpc: "2.0", method: "notifications/initialized" },
        { jsonrpc: "2.0", id: 0, result: { action: "accept" } },
      ]) {
        const answer = await post(endpointOf(generation, wire), body);
        expect(answer).toMatchObject({ status: 403, message: undefined });
        expect(answer.headers.get("Agent-Attestation-Error")).toBe("attestation_required");
      }
    });

    it("refuses GET and DELETE without credentials with 403, and methods that have no place with 405 (M1)", async () => {
      for (const method of ["GET", "DELETE"]) {
        const headers = { Accept: "text/event-stream" };
        const response = await fetch(endpointOf(generation, wire), { method, headers });
        expect([response.status, response.headers.get("Agent-Attestation-Error")]).toEqual([
          403,
          "attestation_required",
        ]);
      }
      const put = await fetch(endpointOf(generation, wire), { method: "PUT", body: "{}" });
      expect(put.status).toBe(405);
    });

    it("refuses two carriers on one message, and a field that is there twice (M2)", async () => {
      const url = endpointOf(generation, wire);
      const inBand = await attestedInBand(agent, audience, call);
      const twice = await post(url, inBand, await attestingFields(agent, audience, inBand));
      expect(twice.message.error.data.reason).toBe("attestation_invalid");
      const fields = await attestingFields(agent, audience, call);
      const doubled = `${fields["Agent-Attestation"]}, ${fields["Agent-Attestation"]}`;
      const repeated = await post(url, call, { ...fields, "Agent-Attestation": doubled });
      expect(repeated.message.error.data.reason).toBe("attestation_invalid");
    });

    it.each(eras.map((era) => [crowd(generation, wire, era), era] as const))(
      "keeps %i interleaved calls of 20 agents apart, in the %s era (M4)",
      async (length, era) => {
        const url = endpointOf(generation, wire);
        const agents = agentsOf(20);
        const kind: ClientGeneration =
          era === "stateless" ? "v2 stateless" : generation === "v1" ? "v1" : "v2 handshake";
        const clients = await Promise.all(agents.map((own) => connected(kind, url, { agent: own, audience })));
        const texts = await Promise.all(
          Array.from({ length }, async (_, n) => {
            const { client } = clients[n % 20] as Connection;
            return (await client.callTool({ name: "protected", arguments: { n } })).content[0].text;
          }),
        );
        expect(texts).toEqual(Array.from({ length }, (_, n) => `${n} spiffe://example.com/model/agent-${n % 20}`));
      },
    );
  },
);

describe.each(GENERATIONS)("a session of a %s server over HTTP", (generation) => {
  const kind: ClientGeneration = generation === "v1" ? "v1" : "v2 handshake";

  async function openSession(client: AnyClient = newClient(kind)) {
    const url = endpointOf(generation, "http-stateful");
    let opened = () => {};
    const streaming = new Promise<void>((resolve) => {
      opened = resolve;
    });
    const watching: FetchLike = async (to, init) => {
      const response = await fetch(to, init);
      if ((init?.method ?? "GET") === "GET") opened();
      return response;
    };
    const connection = await connected(kind, url, { agent, audience, fetch: watching }, client);
    // Clients open the stream of their session beside whatever else they do.
    await streaming;
    return { url, ...connection, sessionId: connection.session?.sessionId ?? "" };
  }

  it("is of use to nobody who knows its id alone, nor to another agent (M1)", async () => {
    const { url, sessionId, client } = await openSession();
    expect(sessionId).not.toBe("");
    const known = { "Mcp-Session-Id": sessionId };
    expect((await post(url, call, known)).message.error.data.reason).toBe("attestation_required");
    const thief = agentOf("thief");
    const fields = await attestingFields(thief, audience, call, { sessionId });
    expect((await post(url, call, fields)).message.error.data.reason).toBe("attestation_invalid");
    for (const method of ["GET", "DELETE"]) {
      const headers = {
        Accept: "text/event-stream",
        ...(await attestingFields(thief, audience, undefined, { sessionId }, method)),
      };
      expect((await fetch(url, { method, headers })).status).toBe(403);
    }
    expect(JSON.stringify(await client.callTool({ name: "whoami" }))).toContain("example-1");
  });

  it("takes no proof that was made for another session, or for none (M1, M5)", async () => {
    const { url, sessionId } = await openSession();
    for (const context of [{}, { sessionId: "another" }]) {
      const fields = { ...(await attestingFields(agent, audience, call, context)), "Mcp-Session-Id": sessionId };
      expect((await post(url, call, fields)).message.error.data.reason).toBe("attestation_proof_invalid");
    }
  });

  it("answers a valid message for a session that nobody opened with 404 (M1)", async () => {
    const { url } = await openSession();
    const sessionId = "00000000-0000-4000-8000-000000000000";
    const answer = await post(url, call, await attestingFields(agent, audience, call, { sessionId }));
    expect(answer.status).toBe(404);
  });

  it("goes on under a renewed attestation of the same key (M1)", async () => {
    const { url, sessionId } = await openSession();
    const credentials = await agent.credentialsFor(audience, { kind: "message", method: "ping" });
    learnExpired(agent, audience, credentials, undefined);
    const answer = await post(url, call, await attestingFields(agent, audience, call, { sessionId }));
    expect(JSON.stringify(answer.message)).toContain("example-1");
  });

  it("keeps an honest client's stream, and ends when its owner says so (M1)", async () => {
    const { client, session, url, sessionId } = await openSession();
    const headers = {
      Accept: "text/event-stream",
      ...(await attestingFields(agent, audience, undefined, { sessionId }, "GET")),
    };
    const response = await fetch(url, { method: "GET", headers });
    // The client holds the stream of its session open: the transport allows one.
    expect(response.status).toBe(409);
    await response.body?.cancel();
    await session?.terminateSession();
    await expect(client.callTool({ name: "whoami" })).rejects.toThrow();
  });

  it("takes no forged answer to a question that its server asks the client (M7)", async () => {
    const client = newClient(kind, { elicitation: {} });
    const { url, sessionId } = await openSession(client);
    const forgeries: number[] = [];
    const thief = agentOf("thief");
    const answerHonestly = async () => {
      for (let id = 0; id < 4; id++) {
        const forged = { jsonrpc: "2.0", id, result: { action: "accept", content: { sure: true } } };
        forgeries.push((await post(url, forged, { "Mcp-Session-Id": sessionId })).status);
        forgeries.push((await post(url, forged, await attestingFields(thief, audience, forged, { sessionId }))).status);
      }
      return { action: "decline" as const };
    };
    if (generation === "v1") (client as unknown as V1Client).setRequestHandler(ElicitRequestSchema, answerHonestly);
    else (client as unknown as V2Client).setRequestHandler("elicitation/create", answerHonestly);
    const { content } = await client.callTool({ name: "confirm" });
    expect(content[0].text).toBe("decline undefined");
    expect(new Set(forgeries)).toEqual(new Set([403]));
    expect(forgeries).toHaveLength(8);
  });
});
