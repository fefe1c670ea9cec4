import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { ToolDefinition, TrustedIssuer, VerificationPolicy } from "@attest/core";
import type { TestAuthority } from "@attest/core/testing";
import {
  type AttestationState,
  type AttestingAgent,
  attestFetch,
  attestTransport,
  type FetchLike,
} from "@attest/mcp-client";
import { Client as V2Client, StreamableHTTPClientTransport as V2HttpTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport as V2StdioTransport } from "@modelcontextprotocol/client/stdio";
import { Client as V1Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as V1StdioTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as V1HttpTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

/** The SDK generation of a server, and of a client together with the protocol era it speaks. */
export type ServerGeneration = "v1" | "v2";
export type ClientGeneration = "v1" | "v2 handshake" | "v2 stateless";
export type Wire = "stdio" | "http-stateful" | "http-stateless";

/** The part of both SDKs' clients that tests use. */
export interface AnyClient {
  // biome-ignore lint/suspicious/noExplicitAny: either SDK's transport
  connect(transport: any): Promise<void>;
  close(): Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: either SDK's result
  callTool(params: { name: string; arguments?: Record<string, unknown> }): Promise<any>;
  listTools(): Promise<{ tools: ToolDefinition[] }>;
  // biome-ignore lint/suspicious/noExplicitAny: either SDK's result
  readResource(params: { uri: string }): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: either SDK's result
  getPrompt(params: { name: string; arguments?: Record<string, string> }): Promise<any>;
}

/** What a server process is to trust, or `plain` for one that knows nothing of attestation. */
export interface ServerSettings {
  readonly policy?: VerificationPolicy;
  readonly allowBearer?: boolean;
  /** Links of delegation that it accepts. Default: none. */
  readonly maxDelegationDepth?: 1 | 2 | 3 | 4;
  /** An issuer of JWT-SVIDs, with its keys. */
  readonly spiffe?: TrustedIssuer;
  readonly plain?: boolean;
}

const script = (generation: ServerGeneration) => fileURLToPath(new URL(`./servers/${generation}.mjs`, import.meta.url));

/**
 * Real servers of one test file, on the packages as they are built: over stdio a process each, over HTTP a process for all of
 * an SDK generation. `close` ends them.
 */
export class ServerProcesses {
  readonly #authority: TestAuthority;
  readonly #processes = new Map<ServerGeneration, HttpServers>();
  readonly #endpoints = new Map<string, Promise<URL>>();

  constructor(authority: TestAuthority) {
    this.#authority = authority;
  }

  #complete(settings: ServerSettings): object {
    const { issuer, audience, keyResolver } = this.#authority;
    return { issuer, audience, trustDomain: "example.com", jwks: keyResolver.toJwks(issuer), ...settings };
  }

  /** Starts an HTTP server, unless one with these settings runs already, and resolves to its endpoint. */
  startHttp(generation: ServerGeneration, wire: Wire, settings: ServerSettings = {}): Promise<URL> {
    const key = JSON.stringify([generation, wire, settings]);
    const servers = this.#processes.get(generation) ?? new HttpServers(generation);
    this.#processes.set(generation, servers);
    const endpoint = this.#endpoints.get(key) ?? servers.start({ wire, ...this.#complete(settings) });
    this.#endpoints.set(key, endpoint);
    return endpoint;
  }

  /** What a stdio client is to start. */
  stdio(generation: ServerGeneration, settings: ServerSettings = {}) {
    const env = { ...(process.env as Record<string, string>), ATTEST_TEST: JSON.stringify(this.#complete(settings)) };
    return { command: process.execPath, args: [script(generation), "stdio"], env };
  }

  close(): void {
    for (const servers of this.#processes.values()) servers.close();
  }
}

/** A process that serves on a port of its own for each line of its stdin, and prints the ports in the same order. */
class HttpServers {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting: { resolve: (endpoint: URL) => void; reject: (error: Error) => void }[] = [];

  constructor(generation: ServerGeneration) {
    this.#child = spawn(process.execPath, [script(generation), "http"], { stdio: ["pipe", "pipe", "inherit"] });
    createInterface(this.#child.stdout).on("line", (port) => {
      this.#waiting.shift()?.resolve(new URL(`http://127.0.0.1:${port}/mcp`));
    });
    this.#child.once("exit", (code) => {
      const error = new Error(`The server ended with ${code}; were the packages built?`);
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    });
  }

  start(server: object): Promise<URL> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${JSON.stringify(server)}\n`);
    });
  }

  close(): void {
    this.#child.kill();
  }
}

export function newClient(generation: ClientGeneration, capabilities = {}): AnyClient {
  const info = { name: "test", version: "1.0.0" };
  if (generation === "v1") return new V1Client(info, { capabilities }) as unknown as AnyClient;
  const mode = generation === "v2 stateless" ? { pin: "2026-07-28" } : ("legacy" as const);
  return new V2Client(info, { capabilities, versionNegotiation: { mode } }) as unknown as AnyClient;
}

export interface Connection {
  readonly client: AnyClient;
  readonly attestation: AttestationState | undefined;
  /** Of an HTTP connection. */
  readonly session?: { readonly sessionId?: string | undefined; terminateSession(): Promise<void> };
}

/** Connects a client of a generation to a server's endpoint or child process, with or without attestation. */
export async function connect(
  generation: ClientGeneration,
  to: URL | ReturnType<ServerProcesses["stdio"]>,
  attested?: { agent: AttestingAgent; audience: string; fetch?: FetchLike },
  client: AnyClient = newClient(generation),
): Promise<Connection> {
  if (to instanceof URL) {
    const HttpTransport = generation === "v1" ? V1HttpTransport : V2HttpTransport;
    const fetch = attested && attestFetch({ ...attested, endpoint: to });
    const transport = new HttpTransport(to, fetch ? { fetch } : {});
    await client.connect(transport);
    return { client, session: transport, attestation: fetch?.attestation };
  }
  const StdioTransport = generation === "v1" ? V1StdioTransport : V2StdioTransport;
  const inner = new StdioTransport(to);
  if (!attested) {
    await client.connect(inner);
    return { client, attestation: undefined };
  }
  const transport = attestTransport(inner, attested);
  await client.connect(transport);
  return { client, attestation: transport.attestation };
}
