import { failureWord, redisError } from "./redis-failure.ts";
import type { RedisLike, RedisNodeLike } from "./redis-like.ts";

/** How long `opened()` waits for a client that is still connecting. */
const OPENING_MS = 10_000;

/** How long after it ended a client is told to connect again. */
const REVIVAL_MS = 100;

/**
 * The client, held so that its own settings do not matter: nothing is issued while it is not ready, nothing is waited for
 * beyond a deadline, and code that learned something from a server can tell whether it is still connected to it.
 */
export class Connection {
  readonly #client: RedisLike;
  readonly #timeoutMs: number;
  readonly #watched = new Set<RedisNodeLike>();
  #generation = 0;
  /** Whether it was told to disconnect and still says that it is ready: a frozen server keeps the socket from closing. */
  #leaving = false;
  /** Whether it began to connect and has not closed since. */
  #opening = false;
  #revival: ReturnType<typeof setTimeout> | undefined;
  /** Commands under way, in the order in which they are due, and one timer for the first: a timer for each costs more. */
  readonly #pending = new Set<{ due: number; generation: number; reject(error: unknown): void }>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: RedisLike, timeoutMs: number) {
    this.#client = client;
    this.#timeoutMs = timeoutMs;
    this.#watch(client);
    for (const node of client.nodes?.("all") ?? []) this.#watch(node);
    client.on("+node", this.#addNode);
    client.on("-node", this.#removeNode);
    client.on("connecting", this.#begin);
    client.on("end", this.#revive);
  }

  /** Another number whenever a connection was lost, or what was learned over it is in doubt. */
  get generation(): number {
    return this.#generation;
  }

  get status(): string {
    return this.#client.status;
  }

  /** Who serves a slot, as far as the client knows; the same for all slots outside of a Cluster. */
  nodeOf(slot: number): string {
    return this.#client.slots?.[slot]?.[0] ?? "";
  }

  /** One connection for every server that holds entries. */
  get primaries(): RedisNodeLike[] {
    return this.#client.nodes?.("master") ?? [this.#client];
  }

  /** Puts everything learned so far in doubt. */
  doubt(): void {
    this.#generation++;
  }

  /** Resolves when the client is ready, which a lazy one is asked to become. */
  async opened(): Promise<void> {
    const client = this.#client;
    if (client.status === "ready") return;
    if (client.status === "end") throw redisError("The client of Redis was closed");
    let settle: (() => void) | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        settle = resolve;
        client.on("ready", settle);
        timer = setTimeout(() => reject(redisError("Redis could not be reached")), OPENING_MS);
        if (client.status === "wait") client.connect().catch(() => reject(redisError("Redis could not be reached")));
      });
    } finally {
      clearTimeout(timer);
      if (settle) client.off("ready", settle);
    }
  }

  /** One command; in a Cluster to the primary of its key, since every command used here writes (R10). */
  send(command: string, args: (string | number)[]): Promise<unknown> {
    return this.#issue(() => this.#client.call(command, args));
  }

  /** Several commands in one go to the server of the first one's key. @throws What the first failed one failed with. */
  async sendTogether(commands: (string | number)[][]): Promise<unknown[]> {
    const answers = await this.#issue(() => this.#client.pipeline(commands).exec());
    return (answers ?? []).map(([error, answer]) => {
      if (error) throw this.#seen(error);
      return answer;
    });
  }

  /** Asks one of the `primaries`. */
  ask(node: RedisNodeLike, command: string, args: (string | number)[]): Promise<unknown> {
    return this.#issue(() => node.call(command, args));
  }

  /** Lets go of the client, which stays open. */
  close(): void {
    if (this.#pending.size === 0) clearTimeout(this.#timer);
    for (const node of this.#watched) node.off("close", this.#change);
    this.#watched.clear();
    this.#client.off("+node", this.#addNode);
    this.#client.off("-node", this.#removeNode);
    this.#client.off("connecting", this.#begin);
    this.#client.off("end", this.#revive);
    clearTimeout(this.#revival);
  }

  #issue<T>(command: () => Promise<T>): Promise<T> {
    if (this.#client.status !== "ready" || this.#leaving) {
      // Issued now, it would wait in the client's queue and be run when nobody asks for it any more (R12).
      const status = this.#leaving ? "closing" : this.#client.status;
      return Promise.reject(redisError(`Redis is not connected (${status})`));
    }
    return new Promise((resolve, reject) => {
      const pending = { due: performance.now() + this.#timeoutMs, generation: this.#generation, reject };
      this.#pending.add(pending);
      this.#timer ??= setTimeout(this.#expire, this.#timeoutMs);
      command().then(
        (answer) => {
          this.#pending.delete(pending);
          resolve(answer);
        },
        (error) => {
          this.#pending.delete(pending);
          reject(this.#seen(error));
        },
      );
    });
  }

  readonly #expire = (): void => {
    this.#timer = undefined;
    const now = performance.now();
    for (const pending of this.#pending) {
      if (pending.due > now) {
        this.#timer = setTimeout(this.#expire, pending.due - now);
        return;
      }
      this.#pending.delete(pending);
      pending.reject(redisError(`Redis did not answer within ${this.#timeoutMs} ms`));
      if (pending.generation === this.#generation) this.#abandon();
    }
  };

  /** A server that refuses to write is not the primary any more: look for it again (R10). */
  #seen(error: unknown): unknown {
    if (failureWord(error) === "READONLY") this.#abandon();
    return error;
  }

  /**
   * Opens the connection again, so that a frozen or demoted server is not trusted once it wakes. A Cluster's nodes watch
   * each other, and its other nodes still serve: there, doubt is enough.
   */
  #abandon(): void {
    this.doubt();
    if (this.#client.isCluster || this.#client.status !== "ready" || this.#leaving) return;
    this.#leaving = true;
    this.#client.disconnect(true);
  }

  readonly #change = (): void => {
    this.#leaving = false;
    this.#opening = false;
    this.doubt();
  };

  readonly #begin = (): void => {
    this.#opening = true;
  };

  /**
   * A client of ioredis ends for ever when Sentinel reports a failover just while it connects: it went from connecting to
   * its end without having closed. One that its owner or its `retryStrategy` ends closes first, and is left alone.
   */
  readonly #revive = (): void => {
    if (this.#client.isCluster || !this.#opening) return;
    this.#revival = setTimeout(() => {
      if (this.#client.status === "end") this.#client.connect().catch(() => {});
    }, REVIVAL_MS);
  };

  readonly #addNode = (node: RedisNodeLike): void => {
    this.#watch(node);
    this.doubt();
  };

  readonly #removeNode = (node: RedisNodeLike): void => {
    if (this.#watched.delete(node)) node.off("close", this.#change);
    this.doubt();
  };

  #watch(node: RedisNodeLike): void {
    if (this.#watched.has(node)) return;
    this.#watched.add(node);
    node.on("close", this.#change);
  }
}
