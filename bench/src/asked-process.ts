import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A program of the bench in a process of its own, which answers questions one at a time. */
export class AskedProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<never>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#exited = once(child, "exit").then(([code]) => {
      throw new Error(`A process of the bench ended with ${code}`);
    });
    this.#exited.catch(() => {});
  }

  /**
   * Starts it, with `gc` in its reach.
   *
   * @param name Of the built file, without its ending. @returns It, and what it said when it was ready.
   */
  static async start<T>(name: string, ...args: readonly string[]): Promise<readonly [AskedProcess, T]> {
    const program = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
    const child = fork(program, args, {
      execArgv: ["--expose-gc"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      // What was not measured is NaN, which JSON does not know.
      serialization: "advanced",
    });
    const started = new AskedProcess(child);
    return [started, await started.#answer<T>()];
  }

  /** Asks, and waits for the answer. Rejects if the process ends without one. */
  ask<T>(question: object): Promise<T> {
    const answer = this.#answer<T>();
    this.#child.send(question);
    return answer;
  }

  /** Ends it at once. */
  async end(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited.catch(() => {});
  }

  async #answer<T>(): Promise<T> {
    const [answer] = await Promise.race([once(this.#child, "message"), this.#exited]);
    return answer as T;
  }
}
