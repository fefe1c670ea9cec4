import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  type AttestationEvent,
  type GuardEvent,
  KeyPair,
  META_ATTESTATION,
  META_PROOF,
  type ProofRequest,
  type VerifierOptions,
} from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestationGuard, attestServerTransport, type GuardOptions, type GuardSettings } from "@attest/mcp-server";
import { onTestFinished } from "vitest";

type Json = Record<string, unknown>;

/** An agent of its own: a key, and the attestations for it. */
interface Agent {
  /** A message that carries credentials. */
  inBand(message: Json): Promise<Json>;
  /** The HTTP fields that attest a request. */
  fields(request: Sent): Promise<Record<string, string>>;
  /** A POST with its fields, as `fetch` takes it. */
  post(message: unknown, options?: { sessionId?: string; authorization?: string }): Promise<RequestInit>;
  /** A GET or DELETE with its fields. */
  bodiless(method: "GET" | "DELETE", sessionId?: string): Promise<RequestInit>;
}

interface Sent {
  method?: string;
  body?: string;
  sessionId?: string;
  accessToken?: string;
}

/** An authority, two agents, and everything that a guard of this scene reports. */
export interface Scene {
  readonly authority: TestAuthority;
  readonly alice: Agent;
  readonly mallory: Agent;
  readonly events: AttestationEvent[];
  /** The events of the guard itself. */
  guarded(): GuardEvent[];
  guard(options?: Partial<VerifierOptions> & GuardSettings): AttestationGuard;
}

export async function createScene(clock?: () => number): Promise<Scene> {
  const authority = await createTestAuthority(clock ? { clock } : {});
  const events: AttestationEvent[] = [];
  const observer = { onEvent: (event: AttestationEvent) => void events.push(event) };
  return {
    authority,
    events,
    alice: agentOf(authority, authority.agentKey),
    mallory: agentOf(authority, await KeyPair.generate()),
    guarded: () => events.filter((event) => event.type === "guard"),
    guard: (options = {}) =>
      new AttestationGuard({ ...authority.verifierOptions, observer, ...options } as GuardOptions),
  };
}

function agentOf(authority: TestAuthority, key: KeyPair): Agent {
  const { audience, clock, provider, identity } = authority;
  const attest = () => provider.createToken({ identity, confirmationKey: key.toJwk() });
  const prove = async (
    attestation: string,
    request: ProofRequest,
    bound: { sessionId?: string; accessToken?: string },
  ) => {
    const { createProof } = await import("@attest/core");
    return createProof({ attestation, signer: key, audience, request, clock, ...bound });
  };
  const agent: Agent = {
    async inBand(message) {
      const attestation = await attest();
      const isResponse = "result" in message;
      const member = isResponse ? "result" : "params";
      const body = (message[member] ?? {}) as Json;
      const request: ProofRequest = isResponse
        ? { kind: "response", id: message["id"] as number, result: body }
        : { kind: "message", method: message["method"] as string, params: body };
      const proof = await prove(attestation, request, {});
      const _meta = { ...(body["_meta"] as Json), [META_ATTESTATION]: attestation, [META_PROOF]: proof };
      return { ...message, [member]: { ...body, _meta } };
    },
    async fields({ method = "POST", body = "", sessionId, accessToken }) {
      const attestation = await attest();
      const request = { kind: "http", method, body: new TextEncoder().encode(body) } as const;
      const bound = {
        ...(sessionId !== undefined && { sessionId }),
        ...(accessToken !== undefined && { accessToken }),
      };
      return {
        "Agent-Attestation": attestation,
        "Agent-Attestation-Proof": await prove(attestation, request, bound),
        ...(sessionId !== undefined && { "Mcp-Session-Id": sessionId }),
      };
    },
    async post(message, { sessionId, authorization } = {}) {
      const body = JSON.stringify(message);
      const accessToken = authorization?.split(" ")[1];
      const fields = await agent.fields({ body, ...(sessionId && { sessionId }), ...(accessToken && { accessToken }) });
      return {
        method: "POST",
        body,
        headers: { ...mcp, ...fields, ...(authorization && { Authorization: authorization }) },
      };
    },
    async bodiless(method, sessionId) {
      const fields = await agent.fields({ method, ...(sessionId !== undefined && { sessionId }) });
      return { method, headers: { Accept: "text/event-stream", ...fields } };
    },
  };
  return agent;
}

const mcp = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };

/** A POST without any credentials. */
export const strange = (message: unknown, sessionId?: string): RequestInit => ({
  method: "POST",
  body: JSON.stringify(message),
  headers: { ...mcp, ...(sessionId !== undefined && { "Mcp-Session-Id": sessionId }) },
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

/** A guarded wire between a test and whatever answers in the place of a server. */
export function wire(guard: AttestationGuard, wrap = attestServerTransport) {
  const sent: Json[] = [];
  const inner = {
    onmessage: undefined as ((message: unknown, extra?: unknown) => void) | undefined,
    onerror: undefined as ((error: Error) => void) | undefined,
    send: async (message: unknown, _options?: unknown) => void sent.push(message as Json),
  };
  const transport = wrap(inner, guard);
  const delivered: Json[] = [];
  transport.onmessage = (message: unknown) => void delivered.push(message as Json);
  return {
    sent,
    delivered,
    transport,
    inner,
    /** Sends a message to the server, and waits until it was delivered or answered, or neither came of it. */
    async receive(message: unknown, extra?: unknown): Promise<void> {
      const seen = () => sent.length + delivered.length;
      const before = seen();
      inner.onmessage?.(message, extra);
      for (let turn = 0; turn < 200 && seen() === before; turn++) await new Promise(setImmediate);
    },
  };
}

/** The reason of a refusal, wherever it stands. */
export function reasonOf(answer: unknown): unknown {
  return (answer as { error?: { data?: { reason?: string } } } | undefined)?.error?.data?.reason;
}
