import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createProof } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { freePort } from "free-port";
import { onTestFinished } from "vitest";
import { BIN } from "../attest.ts";

const HTTP_SERVER = fileURLToPath(new URL("http-server.mjs", import.meta.url));
export const STUBBORN_SERVER: string = fileURLToPath(new URL("stubborn-server.mjs", import.meta.url));

/** Starts a program that ends with the test at the latest, and waits for its first line. */
async function startProgram(args: readonly string[]): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "ignore"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [line] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), "line");
  return { child, line };
}

/** Ends a process as a power cut would. */
export async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** What is in a file of lines, of which there may be none yet. */
export const linesIn = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];

/** Whether a process runs: one that is dead and waits for its parent does not. */
export function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** An authority, and what a test needs to run gateways that trust it. */
export class FaultScene {
  readonly authority: TestAuthority;
  readonly #folder: string;

  private constructor(folder: string, authority: TestAuthority) {
    this.#folder = folder;
    this.authority = authority;
  }

  static async open(folder: string): Promise<FaultScene> {
    const authority = await createTestAuthority();
    writeFileSync(join(folder, "keys.json"), JSON.stringify(authority.keyResolver.toJwks(authority.issuer)));
    return new FaultScene(folder, authority);
  }

  /** A server of its own port that writes down what it executes. `start` runs it, again after it was killed. */
  async server(name: string) {
    const port = await freePort();
    const file = join(this.#folder, `${name}.executed`);
    const start = async () => (await startProgram([HTTP_SERVER, String(port), file])).child;
    return { start, url: `http://127.0.0.1:${port}/mcp`, executed: () => linesIn(file) };
  }

  /** A gateway as it is published, at a port that it keeps when it is started again. */
  async gateway(name: string, upstream: object, more: object = {}) {
    const { audience, issuer } = this.authority;
    const port = await freePort();
    const file = join(this.#folder, `${name}.json`);
    const trusted = { issuer, trustLevel: "provider", trustDomains: ["example.com"], jwks: "./keys.json" };
    const configuration = { listen: `127.0.0.1:${port}`, audience, trustedIssuers: [trusted], upstream, ...more };
    writeFileSync(file, JSON.stringify(configuration));
    const start = async () => (await startProgram([BIN, "gateway", "--config", file])).child;
    return { start, endpoint: `http://127.0.0.1:${port}/mcp`, port };
  }

  /** A request of the agent's, which can be sent more than once. */
  async request(id: number, method: string, params: object = {}, sessionId?: string): Promise<RequestInit> {
    const { agentKey: signer, audience } = this.authority;
    const attestation = await this.authority.attest();
    const body = JSON.stringify({ jsonrpc: "2.0", id, method, params });
    const request = { kind: "http", method: "POST", body: new TextEncoder().encode(body) } as const;
    const bound = sessionId === undefined ? {} : { sessionId };
    const proof = await createProof({ attestation, signer, audience, request, ...bound });
    const headers = {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "Agent-Attestation": attestation,
      "Agent-Attestation-Proof": proof,
      ...(sessionId !== undefined && { "Mcp-Session-Id": sessionId }),
    };
    return { method: "POST", body, headers };
  }

  call(id: number, name: string): Promise<RequestInit> {
    return this.request(id, "tools/call", { name });
  }
}

/** The message of an answer: a JSON body, or the last event of a stream. */
// biome-ignore lint/suspicious/noExplicitAny: whatever the server said
export async function messageOf(response: Response): Promise<any> {
  const text = await response.text();
  return JSON.parse(
    text
      .match(/^data: ?(.+)$/gm)
      ?.at(-1)
      ?.replace(/^data: ?/, "") ?? text,
  );
}
