import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { META_ATTESTATION, META_PROOF, type ProofRequest } from "@attest/core";
import type { AttestingAgent } from "@attest/mcp-client";
import type { ServerProcesses } from "./harness.ts";

export type Json = Record<string, unknown>;

/** What an unguarded byte on the wire looks like, for tests that do what no SDK's client would. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON-RPC answer, out of a JSON body or the last event of a stream. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server said
  readonly message: any;
}

export async function post(url: URL, body: unknown, fields: Record<string, string> = {}): Promise<Answer> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json, text/event-stream", ...fields },
    body: text,
    redirect: "manual",
  });
  const answer = await response.text();
  const event = answer
    .match(/^data: ?(.+)$/gm)
    ?.at(-1)
    ?.replace(/^data: ?/, "");
  const { status, headers } = response;
  return { status, headers, message: answer === "" ? undefined : JSON.parse(event ?? answer) };
}

/** A server on a pipe of one's own. */
export class RawPipe {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<unknown, (message: Json) => void>();
  /** Everything that came, in order. */
  readonly received: Json[] = [];

  constructor({ command, args, env }: ReturnType<ServerProcesses["stdio"]>) {
    this.#child = spawn(command, args, { env, stdio: ["pipe", "pipe", "inherit"] });
    createInterface(this.#child.stdout as NodeJS.ReadableStream).on("line", (line) => {
      const message = JSON.parse(line) as Json;
      this.received.push(message);
      this.#waiting.get(message["id"])?.(message);
    });
  }

  send(message: unknown): void {
    this.#child.stdin?.write(`${typeof message === "string" ? message : JSON.stringify(message)}\n`);
  }

  /** Sends a request and resolves to its answer. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server said
  ask(message: Json, id: unknown = message["id"]): Promise<any> {
    return new Promise((resolve) => {
      this.#waiting.set(id, resolve);
      this.send(message);
    });
  }

  close(): void {
    this.#child.kill();
  }
}

/** A request of the handshake era, or, with the envelope that makes it one, of the stateless era. */
export function requestOf(
  era: "handshake" | "stateless",
  id: number | string,
  method: string,
  params: Json = {},
): Json {
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1.0.0" },
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  return { jsonrpc: "2.0", id, method, params: era === "stateless" ? { ...params, _meta } : params };
}

/** The HTTP fields that each era demands of a request. */
export function eraFields(era: "handshake" | "stateless", { method, params }: Json): Record<string, string> {
  if (era === "handshake") return {};
  const { name, uri } = params as { name?: string; uri?: string };
  const target = name ?? uri;
  return {
    "Mcp-Protocol-Version": "2026-07-28",
    "Mcp-Method": String(method),
    ...(target !== undefined && { "Mcp-Name": target }),
  };
}

/** The HTTP fields that attest a body. */
export async function attestingFields(
  agent: AttestingAgent,
  audience: string,
  body: unknown,
  context: { sessionId?: string; accessToken?: string } = {},
  method = "POST",
): Promise<Record<string, string>> {
  const bytes = new TextEncoder().encode(
    typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body),
  );
  const { attestation, proof } = await agent.credentialsFor(audience, { kind: "http", method, body: bytes }, context);
  return {
    "Agent-Attestation": attestation,
    "Agent-Attestation-Proof": proof,
    ...(context.sessionId !== undefined && { "Mcp-Session-Id": context.sessionId }),
  };
}

/** A copy of a message that carries credentials itself. */
export async function attestedInBand(agent: AttestingAgent, audience: string, message: Json): Promise<Json> {
  const request = (
    "method" in message
      ? { kind: "message", method: message["method"], params: message["params"] }
      : { kind: "response", id: message["id"], result: message["result"] }
  ) as ProofRequest;
  const { attestation, proof } = await agent.credentialsFor(audience, request);
  const member = "method" in message ? "params" : "result";
  const body = (message[member] ?? {}) as { _meta?: Json };
  const _meta = { ...body._meta, [META_ATTESTATION]: attestation, [META_PROOF]: proof };
  return { ...message, [member]: { ...body, _meta } };
}
