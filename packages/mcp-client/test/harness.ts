import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { TrustedIssuer, VerificationPolicy } from "@attest/core";
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
  // biome-ignore lint/suspicious/noExplicitAny: either SDK's result
  readResource(params: { uri: string }): Promise<any>;
  // biome-ignore lint/suspicious/noExplicitAny: either SDK's result
  getPrompt(params: { name: string; arguments?: Record<string, string> }): Promise<any>;
}

/** What a server process is to trust, or `plain` for one that knows nothing of attestation. */
export interface ServerSettings {
  readonly policy?: VerificationPolicy;
  readonly allowBearer?: boolean;
  /** An issuer of JWT-SVIDs, with its keys. */
  readonly spiffe?: TrustedIssuer;
  readonly plain?: boolean;
}

const script = (generation: ServerGeneration) => fileURLToPath(new URL(`./servers/${generation}.mjs`, import.meta.url));

/** Real server processes of one test file, on the packages as they are built, all ended by `close`. */
export class ServerProcesses {
  readonly #authority: TestAuthority;
  readonly #children: ChildProcess[] = [];
  readonly #endpoints = new Map<string, Promise<URL>>();

  constructor(authority: TestAuthority) {
    this.#authority = authority;
  }

  environment(settings: ServerSettings): Record<string, string> {
    const { issuer, audience, keyResolver } = this.#authority;
    const jwks = keyResolver.toJwks(issuer);
    const ATTEST_TEST = JSON.stringify({ issuer, audience, trustDomain: "example.com", jwks, ...settings });
    return { ...(process.env as Record<string, string>), ATTEST_TEST };
  }

  /** Starts an HTTP server, unless one with these settings runs already, and resolves to its endpoint. */
  startHttp(generation: ServerGeneration, wire: Wire, settings: ServerSettings = {}): Promise<URL> {
    const key = JSON.stringify([generation, wire, settings]);
    const endpoint = this.#endpoints.get(key) ?? this.#start(generation, wire, settings);
    this.#endpoints.set(key, endpoint);
    return endpoint;
  }

  async #start(generation: ServerGeneration, wire: Wire, settings: ServerSettings): Promise<URL> {
    const child = spawn(process.execPath, [script(generation), wire], {
      env: this.environment(settings),
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#children.push(child);
    const [port] = (await new Promise<string[]>((resolve, reject) => {
      createInterface(child.stdout).once("line", (line) => resolve([line]));
      child.once("exit", (code) => reject(new Error(`The server ended with ${code}; were the packages built?`)));
    })) as [string];
    return new URL(`http://127.0.0.1:${port}/mcp`);
  }

  /** What a stdio client is to start. */
  stdio(generation: ServerGeneration, settings: ServerSettings = {}) {
    return { command: process.execPath, args: [script(generation), "stdio"], env: this.environment(settings) };
  }

  close(): void {
    for (const child of this.#children) child.kill();
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
