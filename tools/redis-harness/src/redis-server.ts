import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { freePort } from "free-port";
import { Redis } from "ioredis";
import { findRedis } from "./find-redis.ts";

const running = new Set<ChildProcess>();
const folders = new Set<string>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

// A signal that ends this process skips its `exit` event, unless the process ends itself on it. Who listens to the signal
// itself ends in its own time, and what it started with it.
for (const [signal, status] of [
  ["SIGTERM", 143],
  ["SIGINT", 130],
  ["SIGHUP", 129],
] as const) {
  process.once(signal, () => {
    if (process.listenerCount(signal) === 0) process.exit(status);
  });
}

/** How often a port that was free a moment ago may turn out taken. */
const ATTEMPTS = 3;

/** One `redis-server` (or Sentinel) process on loopback, with a folder of its own. */
export class RedisServer {
  readonly port: number;
  readonly #folder: string;
  readonly #arguments: readonly string[];
  #child: ChildProcess | undefined;
  #admin: Redis | undefined;

  private constructor(port: number, args: readonly string[], configuration?: string) {
    this.port = port;
    this.#folder = mkdtempSync(join(tmpdir(), "attest-redis-"));
    folders.add(this.#folder);
    const common = ["--port", String(port), "--bind", "127.0.0.1", "--dir", this.#folder];
    if (configuration === undefined) {
      this.#arguments = [...common, "--save", "", ...args];
    } else {
      const file = join(this.#folder, "server.conf");
      writeFileSync(file, configuration);
      this.#arguments = [file, ...args, ...common];
    }
  }

  /**
   * @param options.args More arguments: `["--appendonly", "yes"]`. Nothing is persisted unless they say so. A function makes
   * them for each attempt, where they hold a port.
   * @param options.configuration Text of a configuration file, which Sentinel rewrites.
   */
  static async start(
    options: { args?: readonly string[] | (() => Promise<readonly string[]>); configuration?: string } = {},
  ): Promise<RedisServer> {
    for (let attempt = 1; ; attempt++) {
      const { args = [] } = options;
      const server = new RedisServer(
        await freePort(),
        typeof args === "function" ? await args() : args,
        options.configuration,
      );
      try {
        await server.run();
        return server;
      } catch (error) {
        if (attempt === ATTEMPTS) throw error;
      }
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** A connection for the harness's own orders, on which faults do not depend. */
  get admin(): Redis {
    this.#admin ??= this.connect();
    return this.#admin;
  }

  /** A connection that reconnects quickly and says nothing. */
  connect(): Redis {
    const client = new Redis(this.port, "127.0.0.1", { retryStrategy: () => 50, maxRetriesPerRequest: null });
    client.on("error", () => {});
    return client;
  }

  /**
   * Starts the process, again if it ran before: same port, same folder.
   *
   * @param options.args Further arguments for this run. @param options.untilReady Whether to wait until it serves; else
   * until it listens and still loads its data. Default true.
   */
  async run({ args = [] as readonly string[], untilReady = true } = {}): Promise<void> {
    const binary = findRedis();
    if (!binary) throw new Error("no redis-server on PATH");
    const child = spawn(binary, [...this.#arguments, ...args], { stdio: ["ignore", "pipe", "ignore"] });
    running.add(child);
    child.once("exit", () => running.delete(child));
    this.#child = child;
    const lines = createInterface({ input: child.stdout });
    await new Promise<void>((resolve, reject) => {
      const said: string[] = [];
      child.once("exit", (status) => reject(new Error(`redis-server ended (${status}): ${said.slice(-5).join("\n")}`)));
      lines.on("line", (line) => {
        if (said.length < 100) said.push(line);
        const begun = untilReady ? /Ready to accept connections|Sentinel ID is/ : /Server initialized|Loading/;
        if (begun.test(line)) resolve();
      });
    });
  }

  /** Stops the process where it stands: it keeps its connections and answers nothing. */
  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  /** Ends the process as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  /** Ends the process and removes what it left. */
  async stop(): Promise<void> {
    this.#admin?.disconnect();
    this.#admin = undefined;
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
    folders.delete(this.#folder);
  }
}
