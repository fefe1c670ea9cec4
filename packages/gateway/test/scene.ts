import { once } from "node:events";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { type AttestationEvent, createProof, type GuardEvent, KeyPair, type VerifierOptions } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { createGateway, type GatewayOptions, type UpstreamFailure } from "@attest/gateway";
import { createNodeGateway } from "@attest/gateway/node";
import { AttestingAgent, attestFetch, localSource } from "@attest/mcp-client";
import { AttestationGuard, type GuardOptions, type GuardSettings } from "@attest/mcp-server";
import { getRequestListener } from "@hono/node-server";
import { onTestFinished } from "vitest";

export type Json = Record<string, unknown>;
export type Form = "node" | "fetch";

/** An agent with a key of its own. */
export interface Agent {
  readonly agent: AttestingAgent;
  /** A `fetch` that attests what it sends to an endpoint. */
  fetch(endpoint: string): typeof fetch;
  /** The fields that attest a request. */
  fields(request?: Sent): Promise<Record<string, string>>;
  /** A POST with its fields. */
  post(message: unknown, options?: Sent): Promise<RequestInit>;
  /** A GET or DELETE with its fields. */
  bodiless(method: "GET" | "DELETE", options?: Sent): Promise<RequestInit>;
}

interface Sent {
  readonly method?: string;
  readonly body?: string;
  readonly sessionId?: string;
  readonly accessToken?: string;
  /** Whom the proof is for. Default: the scene's server. */
  readonly audience?: string;
  readonly headers?: Record<string, string>;
}

/** An authority, two agents, and gateways that trust it. */
export interface Scene {
  readonly authority: TestAuthority;
  readonly alice: Agent;
  readonly mallory: Agent;
  /** An agent of alice's subject, with another key. */
  readonly twin: Agent;
  readonly events: AttestationEvent[];
  readonly failures: UpstreamFailure[];
  /** The events of guards. */
  guarded(): GuardEvent[];
  guard(options?: Partial<VerifierOptions> & GuardSettings): AttestationGuard;
  /** A gateway before an upstream, until the test ends. Resolves to its endpoint. */
  gateway(upstream: string, options?: Partial<GatewayOptions>, form?: Form): Promise<string>;
}

export async function createScene(clock?: () => number): Promise<Scene> {
  const authority = await createTestAuthority(clock ? { clock } : {});
  const events: AttestationEvent[] = [];
  const failures: UpstreamFailure[] = [];
  const observer = { onEvent: (event: AttestationEvent) => void events.push(event) };
  const guard: Scene["guard"] = (options = {}) =>
    new AttestationGuard({ ...authority.verifierOptions, observer, ...options } as GuardOptions);
  return {
    authority,
    events,
    failures,
    alice: agentOf(authority, authority.agentKey, "alice"),
    mallory: agentOf(authority, await KeyPair.generate(), "mallory"),
    twin: agentOf(authority, await KeyPair.generate(), "alice"),
    guarded: () => events.filter((event) => event.type === "guard"),
    guard,
    async gateway(url, options = {}, form = "node") {
      const { upstream, ...rest } = options;
      const onFailure = (failure: UpstreamFailure) => void failures.push(failure);
      const whole: GatewayOptions = {
        guard: options.guard ?? guard(),
        onFailure,
        upstream: { url, ...upstream },
        ...rest,
      };
      if (form === "fetch") {
        const gateway = createGateway(whole);
        onTestFinished(() => gateway.close());
        return listen(getRequestListener((request) => gateway.fetch(request), { overrideGlobalObjects: false }));
      }
      const gateway = createNodeGateway(whole);
      onTestFinished(() => gateway.close());
      return listen(gateway.handle);
    },
  };
}

function agentOf(authority: TestAuthority, key: KeyPair, workload: string): Agent {
  const { audience, clock, attestationIssuer: issuer, identity } = authority;
  const subject = `spiffe://example.com/model/${workload}`;
  const source = localSource(issuer, identity, { subject });
  const agent = new AttestingAgent({ source, signer: key, clock });
  const fields: Agent["fields"] = async (sent = {}) => {
    const { method = "POST", body = "", sessionId, accessToken } = sent;
    const attestation = await issuer.createToken({ identity, subject, confirmationKey: key.toJwk() });
    const request = { kind: "http", method, body: new TextEncoder().encode(body) } as const;
    const bound = { ...(sessionId !== undefined && { sessionId }), ...(accessToken !== undefined && { accessToken }) };
    const proof = await createProof({
      attestation,
      signer: key,
      audience: sent.audience ?? audience,
      request,
      clock,
      ...bound,
    });
    return {
      "Agent-Attestation": attestation,
      "Agent-Attestation-Proof": proof,
      ...(sessionId !== undefined && { "Mcp-Session-Id": sessionId }),
      ...(accessToken !== undefined && { Authorization: `Bearer ${accessToken}` }),
    };
  };
  return {
    agent,
    fetch: (endpoint) => attestFetch({ agent, audience, endpoint }),
    fields,
    async post(message, options = {}) {
      const body = typeof message === "string" ? message : JSON.stringify(message);
      return { method: "POST", body, headers: { ...MCP, ...(await fields({ ...options, body })), ...options.headers } };
    },
    async bodiless(method, options = {}) {
      const accept = { Accept: "text/event-stream" };
      return { method, headers: { ...accept, ...(await fields({ ...options, method })), ...options.headers } };
    },
  };
}

const MCP = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };

/** A POST without any credentials. */
export const strange = (message: unknown, headers: Record<string, string> = {}): RequestInit => ({
  method: "POST",
  body: JSON.stringify(message),
  headers: { ...MCP, ...headers },
});

export const request = (id: number, method: string, params?: Json): Json => ({
  jsonrpc: "2.0",
  id,
  method,
  ...(params && { params }),
});

/** Serves on a free port until the test ends. */
export async function listen(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

/** An address on which nothing listens. */
export async function deadUrl(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}/mcp`;
}

/** What an upstream received. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** A server that keeps what it receives, and answers as a test says; by default each request with an empty result. */
export async function recordingServer(
  answer: (res: ServerResponse, received: Received) => void = (res, { body }) =>
    answerJson(res, { result: {}, ...idIn(body) }),
): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const url = await listen((req, res) => {
    let body = "";
    req.setEncoding("utf8").on("data", (text) => {
      body += text;
    });
    req.once("end", () => {
      const { method = "", url = "", headers, rawHeaders } = req;
      const one = { method, url, headers, rawHeaders, body };
      received.push(one);
      answer(res, one);
    });
  });
  return { url, received };
}

export function answerJson(res: ServerResponse, message: object, headers: Record<string, string> = {}): void {
  res
    .writeHead(200, { "Content-Type": "application/json", ...headers })
    .end(JSON.stringify({ jsonrpc: "2.0", ...message }));
}

export const idIn = (body: string): object => (body === "" ? {} : { id: JSON.parse(body).id });

/** The JSON-RPC message of an answer: of a JSON body, or of the last event of a stream. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the server said
export async function messageOf(response: Response): Promise<any> {
  const text = await response.text();
  const event = text.match(/^data: ?(.+)$/gm)?.at(-1);
  return text === "" ? undefined : JSON.parse(event?.replace(/^data: ?/, "") ?? text);
}

/** The reason of a refusal. */
export function reasonOf(message: unknown): unknown {
  return (message as { error?: { data?: { reason?: string } } } | undefined)?.error?.data?.reason;
}

/** Sends fields that `fetch` does not let through. */
export const sendRaw = (
  endpoint: URL,
  headers: Record<string, string> | readonly string[],
  body: string,
): Promise<number | undefined> =>
  new Promise<number | undefined>((resolve, reject) => {
    const sent = httpRequest(endpoint, { method: "POST", headers: headers as string[] }, (res) =>
      resolve(res.resume().statusCode),
    );
    sent.once("error", reject).end(body);
  });
