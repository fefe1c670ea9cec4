import { type ChildProcess, spawn } from "node:child_process";
import type { Answer, Question } from "./protocol.ts";

/** The longest line that a driver may answer with, in characters. */
const MAX_LINE = 1_000_000;

/** An implementation that cannot be asked: it ended, answered something else than the protocol has, or took too long. */
export class DriverError extends Error {
  override readonly name = "DriverError";
}

/** Options of a driver. */
export interface DriverOptions {
  /** How long it may take for one answer, in milliseconds. Default 10,000. */
  readonly timeout?: number;
}

/** A child process that is asked through its standard input, and answers on its standard output. */
export class Driver {
  readonly #child: ChildProcess;
  readonly #timeout: number;
  readonly #waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>();
  #next = 1;
  /** What came of a line that has not ended yet. */
  #begun = "";
  #ended: DriverError | undefined;

  /**
   * Starts the command. What it writes to standard error goes to that of this process.
   *
   * @param command The program and its arguments.
   */
  constructor(command: readonly [string, ...string[]], { timeout = 10_000 }: DriverOptions = {}) {
    const [program, ...args] = command;
    this.#timeout = timeout;
    this.#child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#child.once("error", ({ message }) => this.#end(`The driver could not be started: ${message}`));
    this.#child.once("exit", (status, signal) => this.#end(`The driver ended (${signal ?? `status ${status}`})`));
    // A write to a driver that has ended: its end says so.
    this.#child.stdin?.on("error", () => {});
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#take(text));
  }

  /**
   * Asks a question and waits for its answer.
   *
   * @throws DriverError if there is none.
   */
  async ask(question: Question): Promise<Answer> {
    if (this.#ended) throw this.#ended;
    const id = this.#next++;
    const answered = new Promise<Answer>((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    const timer = setTimeout(
      () => this.#end(`The driver did not answer ${question.ask} within ${this.#timeout} ms`),
      this.#timeout,
    );
    this.#child.stdin?.write(`${JSON.stringify({ id, ...question })}\n`);
    try {
      return await answered;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
    }
  }

  /** Ends the process. */
  stop(): void {
    this.#end("The driver was stopped");
  }

  #take(text: string): void {
    const lines = (this.#begun + text).split("\n");
    this.#begun = lines.pop() ?? "";
    for (const line of lines) this.#read(line);
    if (this.#begun.length > MAX_LINE) this.#end(`The driver wrote a line of more than ${MAX_LINE} characters`);
  }

  #read(line: string): void {
    if (line.trim() === "") return;
    const answer = line.length > MAX_LINE ? undefined : objectIn(line);
    const waiting = this.#waiting.get(answer?.["id"] as number);
    if (answer && waiting) waiting.resolve(answer);
    else this.#end(`The driver wrote a line that is no answer to what it was asked: ${line.slice(0, 200)}`);
  }

  #end(problem: string): void {
    this.#ended ??= new DriverError(problem);
    this.#child.kill("SIGKILL");
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
  }
}

function objectIn(line: string): Answer | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Answer) : undefined;
  } catch {
    return undefined;
  }
}
