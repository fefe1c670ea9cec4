import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { childEnvironment } from "./child-environment.ts";
import { endWithParent } from "./end-with-parent.ts";
import { linesOf } from "./lines.ts";

/** A command that speaks MCP on its stdin and stdout. */
export interface ChildCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Its environment, besides what every program needs. */
  readonly env: Readonly<Record<string, string>>;
}

/** What is notified of a child. */
export interface ChildEvents {
  /** A line that it wrote to stdout. The next one comes when what is returned has settled. */
  onLine(line: string): unknown;
  /** A line that it wrote to stderr. */
  onStderr(line: string): void;
  /** It ended, by itself or not. Called once. */
  onExit(): void;
}

/** Milliseconds from the end of its stdin to SIGTERM, and from there to SIGKILL. */
const PATIENCE_MS = 2000;
const MAX_STDERR = 64 * 1024;
/** Bytes that a child has not read yet, above which it is sent nothing more: a process that stands still fills no memory. */
const MOST_UNREAD = 4 * 1024 * 1024;

/** What was to be written to a process that has ended, or has closed its stdin and is ended therefore. */
export class ProcessEnded extends Error {
  override readonly name = "ProcessEnded";
}

/**
 * A process that serves one session. It is the leader of a process group, so that what it started ends with it, and both end with
 * this process, however that ends.
 */
export class Child {
  readonly #process: ChildProcess;
  readonly #stdin: Writable;
  readonly #exited: Promise<void>;
  #ending = false;
  /** Settles when lines may come; `undefined` while they do. */
  #paused: { readonly until: Promise<void>; readonly over: () => void } | undefined;

  /** @param maxLine Characters of a line on stdout; a child that writes a longer one is ended. */
  constructor({ command, args, env }: ChildCommand, maxLine: number, events: ChildEvents) {
    const started = endWithParent(command, args);
    this.#process = spawn(started.command, started.args, {
      env: childEnvironment(env),
      stdio: started.stdio,
      detached: process.platform !== "win32",
    });
    const { stdin, stdout, stderr } = this.#process as { stdin: Writable; stdout: Readable; stderr: Readable };
    this.#stdin = stdin;
    // What it does not read any more is lost with it.
    for (const pipe of this.#process.stdio) pipe?.on("error", () => {});
    // It reads nothing any more: what was asked is answered when it is gone.
    stdin.once("error", () => void this.end());
    this.#exited = new Promise((resolve) => {
      let told = false;
      let pipesEnd: NodeJS.Timeout | undefined;
      const tell = () => {
        if (told) return;
        told = true;
        clearTimeout(pipesEnd);
        for (const pipe of this.#process.stdio) pipe?.destroy();
        events.onExit();
        resolve();
      };
      this.#process.once("error", tell);
      this.#process.once("close", tell);
      this.#process.once("exit", () => {
        // What it started must not outlive it, and what left its group must not hold its pipes open.
        this.#signal("SIGKILL");
        pipesEnd = setTimeout(tell, PATIENCE_MS);
      });
    });
    void this.#read(stdout, maxLine, async (line) => {
      await events.onLine(line);
      await this.#paused?.until;
    });
    void this.#read(stderr, MAX_STDERR, events.onStderr);
  }

  /** Writes one line. Resolves when the child has room for more. @throws ProcessEnded; Error if it has far too much to read. */
  async write(line: string): Promise<void> {
    if (!this.#stdin.writable) throw new ProcessEnded("The process has ended");
    if (this.#stdin.writableLength > MOST_UNREAD) throw new Error("The process does not read");
    if (this.#stdin.write(`${line}\n`)) return;
    await Promise.race([once(this.#stdin, "drain"), this.#exited]).catch((cause) => {
      throw new ProcessEnded("The process reads nothing any more", { cause });
    });
  }

  /** Lets nothing more come, until `resume`. */
  pause(): void {
    if (this.#paused || this.#ending) return;
    let over: () => void = () => {};
    const until = new Promise<void>((resolve) => {
      over = resolve;
    });
    this.#paused = { until, over };
  }

  /** Lets lines come again. */
  resume(): void {
    this.#paused?.over();
    this.#paused = undefined;
  }

  /** Ends the process: by the end of its stdin, then SIGTERM, then SIGKILL. Resolves when it is gone. */
  async end(): Promise<void> {
    if (!this.#ending) {
      this.#ending = true;
      this.#stdin.end();
      const timers = [
        setTimeout(() => this.#signal("SIGTERM"), PATIENCE_MS),
        setTimeout(() => this.#signal("SIGKILL"), 2 * PATIENCE_MS),
      ];
      this.#exited.then(() => timers.forEach(clearTimeout));
    }
    // A child whose stdout nobody reads would wait for ever.
    this.resume();
    await this.#exited;
  }

  async #read(stream: Readable, most: number, tell: (line: string) => unknown): Promise<void> {
    try {
      for await (const line of linesOf(stream, most)) await tell(line);
    } catch {
      this.#signal("SIGKILL");
    }
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#process;
    if (pid === undefined) return;
    try {
      if (process.platform === "win32") this.#process.kill(signal);
      else process.kill(-pid, signal);
    } catch {
      // It is gone already.
    }
  }
}
