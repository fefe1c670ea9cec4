import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { FromWorker, Presentation, ToWorker, WorkerSetup } from "./messages.ts";

/** The server processes of one run. */
export class Fleet {
  readonly #workers: ChildProcess[];
  readonly #unsent: Presentation[][];

  private constructor(workers: ChildProcess[], onMessage: (message: FromWorker, worker: number) => void) {
    this.#workers = workers;
    this.#unsent = workers.map(() => []);
    workers.forEach((worker, index) => {
      worker.on("message", (message: FromWorker) => onMessage(message, index));
    });
  }

  /**
   * Starts the processes and waits until each serves.
   *
   * @param options.program The built `worker.js`.
   */
  static async start(options: {
    program: string;
    processes: number;
    setup: WorkerSetup;
    onMessage: (message: FromWorker, worker: number) => void;
  }): Promise<Fleet> {
    const { program, processes, setup, onMessage } = options;
    const workers = Array.from({ length: processes }, () => fork(program, { serialization: "advanced", execArgv: [] }));
    const fleet = new Fleet(workers, onMessage);
    await Promise.all(
      workers.map(async (worker) => {
        const ended = once(worker, "exit").then(() => Promise.reject(new Error("A worker ended while starting")));
        worker.send({ type: "setup", setup } satisfies ToWorker);
        await Promise.race([once(worker, "message"), ended]);
        ended.catch(() => {});
      }),
    );
    return fleet;
  }

  get size(): number {
    return this.#workers.length;
  }

  /** Hands a presentation to one of them, together with what else is handed to it in this turn. */
  present(worker: number, presentation: Presentation): void {
    const unsent = this.#unsent[worker] as Presentation[];
    if (unsent.length === 0) {
      setImmediate(() => this.tell(worker, { type: "present", presentations: unsent.splice(0) }));
    }
    unsent.push(presentation);
  }

  tell(worker: number, message: ToWorker): void {
    const process = this.#workers[worker];
    if (process?.connected) process.send(message);
  }

  tellAll(message: ToWorker): void {
    for (let worker = 0; worker < this.size; worker++) this.tell(worker, message);
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#workers.map(async (worker) => {
        if (worker.exitCode !== null || worker.signalCode !== null) return;
        const ended = once(worker, "exit");
        worker.kill("SIGKILL");
        await ended;
      }),
    );
  }
}
