import { type ChildProcess, spawn } from "node:child_process";
import { objectOf, subscriptionIn } from "./envelope.ts";

/** How a server is started. */
export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** What came back on a line; `lost` if nothing did, `ended` if the process did not survive. */
export type Line =
  | { readonly message: Record<string, unknown>; readonly text: string; readonly lost?: never }
  | { readonly lost: string; readonly ended: boolean };

interface Waiter {
  readonly id: number | undefined;
  settle(line: Line): void;
}

const GRACE_MS = 1000;
/** A line that is longer is no answer. */
const MAX_LINE = 4 * 1024 * 1024;

/** A server in a child process, spoken to line by line. */
export class StdioWire {
  readonly #child: ChildProcess;
  readonly #exit: Promise<void>;
  readonly #waiting = new Set<Waiter>();
  #buffer = "";
  #ended = false;

  constructor({ command, args, env, cwd }: ServerCommand) {
    this.#child = spawn(command, [...args], {
      env,
      stdio: ["pipe", "pipe", "ignore"],
      ...(cwd !== undefined && { cwd }),
    });
    this.#exit = new Promise((resolve) => {
      const end = () => {
        this.#ended = true;
        for (const waiter of [...this.#waiting]) waiter.settle({ lost: "the server's process ended", ended: true });
        resolve();
      };
      this.#child.once("error", end);
      this.#child.once("exit", end);
    });
    // A process that ends while it is written to is known by its exit.
    this.#child.stdin?.on("error", () => {});
    this.#child.stdout?.setEncoding("utf8").on("data", (chunk: string) => this.#read(chunk));
  }

  get hasEnded(): boolean {
    return this.#ended;
  }

  /**
   * Sends one line and waits for the answer to it: the next that bears the id, or names none.
   *
   * @param id `undefined`: for a line that is no proper request, any answer that nobody else waits for is the one.
   */
  exchange(line: string | Uint8Array, id: number | undefined, timeoutMs: number): Promise<Line> {
    if (this.#ended) return Promise.resolve({ lost: "the server's process ended", ended: true });
    return new Promise((resolve) => {
      const timer = setTimeout(() => waiter.settle({ lost: "no answer in time", ended: false }), timeoutMs);
      const waiter: Waiter = {
        id,
        settle: (answer) => {
          clearTimeout(timer);
          this.#waiting.delete(waiter);
          resolve(answer);
        },
      };
      this.#waiting.add(waiter);
      this.#child.stdin?.write(line);
      this.#child.stdin?.write("\n");
    });
  }

  /** Ends the process: by the end of its input, then by force. */
  async close(): Promise<void> {
    if (this.#ended) return;
    this.#child.stdin?.end();
    const terminate = setTimeout(() => this.#child.kill("SIGTERM"), GRACE_MS);
    const kill = setTimeout(() => this.#child.kill("SIGKILL"), 2 * GRACE_MS);
    await this.#exit;
    clearTimeout(terminate);
    clearTimeout(kill);
  }

  #read(chunk: string): void {
    this.#buffer += chunk;
    const lines = this.#buffer.split("\n");
    this.#buffer = lines.pop() ?? "";
    if (this.#buffer.length > MAX_LINE) this.#buffer = "";
    for (const line of lines) this.#settle(line);
  }

  #settle(text: string): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    // A batch is answered by a list; the first of it stands for all.
    const answer = objectOf([message].flat()[0]);
    const opened = subscriptionIn(answer);
    if (opened === undefined && (!("result" in answer || "error" in answer) || "method" in answer)) return;
    const id = opened ?? answer["id"];
    const waiters = [...this.#waiting];
    const anyone = waiters.find((candidate) => candidate.id === undefined);
    const named = typeof id === "number" ? waiters.find((candidate) => candidate.id === id) : undefined;
    const waiter = named ?? anyone ?? (id === undefined || id === null ? waiters[0] : undefined);
    waiter?.settle({ message: answer, text });
  }
}
