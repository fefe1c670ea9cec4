import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { LogLine } from "demo-mcp-server";
import type { WatchedLog } from "./run-attack.ts";

/** The demo server in a process of its own, over HTTP. */
export interface HttpServer extends WatchedLog {
  readonly url: URL;
  stop(): Promise<void>;
}

/**
 * Starts the demo server over HTTP and waits for its port.
 *
 * @param options.mode `http-v1`: on the older SDK.
 */
export async function startHttpServer(
  program: string,
  env: Record<string, string>,
  { mode = "http" }: { mode?: "http" | "http-v1" } = {},
): Promise<HttpServer> {
  const child = spawn(process.execPath, [program, mode], { env, stdio: ["ignore", "pipe", "pipe"] });
  const watchers = new Set<(line: LogLine) => void>();
  createInterface({ input: child.stderr }).on("line", (line) => {
    if (!line.startsWith("{")) {
      process.stderr.write(`${line}\n`);
      return;
    }
    const logged: LogLine = JSON.parse(line);
    for (const watch of watchers) watch(logged);
  });
  const port = await firstLine(child);
  return {
    url: new URL(`http://127.0.0.1:${port}/mcp`),
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    stop: () => stop(child),
  };
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
