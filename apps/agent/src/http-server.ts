import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { AttestationEvent } from "@attest/core";

/** The demo server in a process of its own, over HTTP. */
export interface HttpServer {
  readonly url: URL;
  /** What its guard has decided so far. */
  readonly events: readonly AttestationEvent[];
  stop(): Promise<void>;
}

/** Starts the demo server over HTTP and waits for its port. */
export async function startHttpServer(program: string, env: Record<string, string>): Promise<HttpServer> {
  const child = spawn(process.execPath, [program, "http"], { env, stdio: ["ignore", "pipe", "pipe"] });
  const events: AttestationEvent[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    if (line.startsWith("{")) events.push(JSON.parse(line));
    else process.stderr.write(`${line}\n`);
  });
  const port = await firstLine(child);
  return { url: new URL(`http://127.0.0.1:${port}/mcp`), events, stop: () => stop(child) };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`The demo server ended with status ${code}`)));
    if (child.stdout) createInterface({ input: child.stdout }).once("line", resolve);
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill();
  await ended;
}
