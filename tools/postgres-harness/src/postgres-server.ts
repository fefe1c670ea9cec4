import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "free-port";
import { Client, type ClientConfig } from "pg";
import { findPostgres } from "./find-postgres.ts";

/** PostgreSQL refuses to run as root. */
const NOBODY = { uid: 65_534, gid: 65_534 };
const START_MS = 60_000;

/** A PostgreSQL server on a free port of 127.0.0.1, with a database `postgres` and a user `attest` without a password. */
export class PostgresServer {
  readonly #bin: string;
  readonly #folder: string;
  readonly port: number;
  #child: ChildProcess | undefined;
  readonly #onExit = () => this.#child?.kill("SIGQUIT");

  private constructor(bin: string, folder: string, port: number) {
    this.#bin = bin;
    this.#folder = folder;
    this.port = port;
    process.once("exit", this.#onExit);
  }

  static async start(): Promise<PostgresServer> {
    const bin = findPostgres();
    if (!bin) throw new Error("There is no PostgreSQL here");
    const folder = mkdtempSync(join(tmpdir(), "attest-postgres-"));
    if (owner().uid !== undefined) chownSync(folder, NOBODY.uid, NOBODY.gid);
    const server = new PostgresServer(bin, folder, await freePort());
    const options = ["--no-sync", "--auth=trust", "--username=attest", "--encoding=UTF8", "--no-locale"];
    await promisify(execFile)(join(bin, "initdb"), [...options, "-D", join(folder, "data")], {
      cwd: folder,
      ...owner(),
    });
    await server.resume();
    return server;
  }

  /** How to connect. */
  get connection(): ClientConfig {
    return { host: "127.0.0.1", port: this.port, user: "attest", database: "postgres" };
  }

  /** Starts it again on what it had stored, and waits until it answers. */
  async resume(): Promise<void> {
    const settings = ["listen_addresses=127.0.0.1", `unix_socket_directories=${this.#folder}`, `port=${this.port}`];
    const args = ["-D", join(this.#folder, "data"), ...settings.flatMap((setting) => ["-c", setting])];
    this.#child = spawn(join(this.#bin, "postgres"), args, { cwd: this.#folder, stdio: "ignore", ...owner() });
    for (const end = Date.now() + START_MS; ; await sleep(50)) {
      const client = new Client(this.connection);
      try {
        await client.connect();
        await client.end();
        return;
      } catch (error) {
        if (Date.now() > end || this.#child.exitCode !== null) throw error;
      }
    }
  }

  /** Ends it without letting it write anything more, as a crash would. */
  async crash(): Promise<void> {
    await this.#end("SIGQUIT");
  }

  /** Ends it and removes what it stored. */
  async stop(): Promise<void> {
    await this.#end("SIGINT");
    process.off("exit", this.#onExit);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  }
}

/** Whom it runs as: nobody where this process is root, else this process's user. */
function owner(): Partial<typeof NOBODY> {
  return process.getuid?.() === 0 ? NOBODY : {};
}
