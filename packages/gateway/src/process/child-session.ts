import { isJsonObject } from "@attest/core";
import type { JsonRpcId } from "@attest/mcp-server/gate";
import { failureMessage } from "../answer/upstream-failure.ts";
import { Child, type ChildCommand } from "./child.ts";
import { EventQueue } from "./event-queue.ts";
import { unwritten } from "./unwritten.ts";

/** Bytes that wait for readers before the child is no longer read, and messages that wait for a stream to be opened. */
const MOST_WAITING = 256 * 1024;
const MOST_KEPT = 64;

/** A session of one agent, and the process that serves it alone. */
export class ChildSession {
  readonly #child: Child;
  /** The streams of requests under way, by id. */
  readonly #requests = new Map<JsonRpcId, EventQueue>();
  readonly #byProgress = new Map<JsonRpcId, EventQueue>();
  /** What came while no stream was open for it. */
  readonly #kept: string[] = [];
  #stream: EventQueue | undefined;
  #gone = false;
  /** When it was last asked, by `performance.now()`. */
  usedAt: number = performance.now();

  constructor(command: ChildCommand, maxLine: number, events: { onStderr(line: string): void; onExit(): void }) {
    this.#child = new Child(command, maxLine, {
      onLine: (line) => this.#receive(line),
      onStderr: events.onStderr,
      onExit: () => {
        this.#die();
        events.onExit();
      },
    });
  }

  /** Whether it waits for nothing. */
  get isIdle(): boolean {
    return this.#requests.size === 0;
  }

  /** Sends a request. Its answer ends the stream that is returned; `undefined` if a request of this id is under way. */
  ask(id: JsonRpcId, progressToken: JsonRpcId | undefined, text: string): EventQueue | undefined {
    if (this.#requests.has(id)) return undefined;
    this.usedAt = performance.now();
    const queue = new EventQueue(() => this.#balance());
    this.#requests.set(id, queue);
    if (progressToken !== undefined) this.#byProgress.set(progressToken, queue);
    if (this.#gone) this.#die();
    else this.#child.write(text).catch((error) => this.#answer(id, failureMessage(id, unwritten(error))));
    return queue;
  }

  /** Sends what has no answer. Rejects where the process reads nothing any more. */
  async tell(text: string): Promise<void> {
    this.usedAt = performance.now();
    if (!this.#gone) await this.#child.write(text);
  }

  /** The stream of what belongs to no request. A new one takes the place of the former. */
  open(): EventQueue {
    this.usedAt = performance.now();
    this.#stream?.end();
    const stream = new EventQueue(() => this.#balance());
    this.#stream = stream;
    for (const message of this.#kept.splice(0)) stream.push(message);
    if (this.#gone) stream.end();
    return stream;
  }

  /** Ends the process, and with it every stream. */
  async end(): Promise<void> {
    await this.#child.end();
  }

  #receive(line: string): void {
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      // Servers print by mistake; what is no message is nobody's.
      return;
    }
    if (!isJsonObject(message)) return;
    const id = message["id"] as JsonRpcId;
    if ("method" in message) this.#deliver(message);
    else this.#answer(id, JSON.stringify(message));
  }

  /** Ends the stream of a request by its answer. */
  #answer(id: JsonRpcId, message: string): void {
    const queue = this.#requests.get(id);
    if (!queue) return;
    this.#requests.delete(id);
    for (const [token, each] of this.#byProgress) if (each === queue) this.#byProgress.delete(token);
    queue.push(message);
    queue.end();
  }

  /** Progress belongs to its request; what else the server says by itself goes to anyone who listens. */
  #deliver(message: Record<string, unknown>): void {
    const { progressToken } = isJsonObject(message["params"]) ? message["params"] : {};
    const own = message["method"] === "notifications/progress" && this.#byProgress.get(progressToken as JsonRpcId);
    const listening = this.#stream && !this.#stream.ended ? this.#stream : undefined;
    const queue = own || listening || [...this.#requests.values()].findLast((each) => !each.ended);
    const text = JSON.stringify(message);
    if (queue) queue.push(text);
    else this.#keep(text);
  }

  /** Keeps a message until a stream is opened; of too many, the oldest go. */
  #keep(text: string): void {
    this.#kept.push(text);
    const size = () => this.#kept.reduce((sum, { length }) => sum + length, 0);
    while (this.#kept.length > MOST_KEPT || size() > MOST_WAITING) this.#kept.shift();
  }

  /** Reads no more of the child while its readers are behind. */
  #balance(): void {
    const queues = [...this.#requests.values(), ...(this.#stream ? [this.#stream] : [])];
    const waiting = queues.reduce((sum, queue) => sum + queue.waiting, 0);
    if (waiting > MOST_WAITING) this.#child.pause();
    else this.#child.resume();
  }

  /** Every request that waits is answered: nobody hangs for a process that is gone. */
  #die(): void {
    this.#gone = true;
    for (const [id, queue] of this.#requests) {
      queue.push(failureMessage(id, "broke-off"));
      queue.end();
    }
    this.#kept.length = 0;
    this.#requests.clear();
    this.#byProgress.clear();
    this.#stream?.end();
  }
}
