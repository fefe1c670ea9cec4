/**
 * What is used of a client: ioredis 5 and 6, `Redis` and `Cluster`, all satisfy it. Structural, because the classes of
 * two ioredis versions are unrelated types.
 */
export interface RedisLike extends RedisNodeLike {
  /** `ready` when commands are sent as they are issued. */
  readonly status: string;
  /** Whether it is a `Cluster`, whose keys are on several nodes. */
  readonly isCluster: boolean;
  /** What it was made with. */
  readonly options?: object;
  /** Several commands in one write, each with its own reply or error. */
  pipeline(commands: unknown[][]): { exec(): Promise<[error: Error | null, result: unknown][] | null> };
  /** Connects a client that was told to connect lazily, or that has ended. */
  connect(): Promise<void>;
  /** Ends the connection at once, and opens another if told so. */
  disconnect(reconnect?: boolean): void;
  /** Of a Cluster: the nodes of every slot, as `host:port`, the primary first. */
  readonly slots?: readonly (readonly string[] | undefined)[];
  /** Of a Cluster: the connections to its nodes. */
  nodes?(role?: "all" | "master"): RedisNodeLike[];
}

/** One connection to one node. */
export interface RedisNodeLike {
  /** One command by its name, as Redis has it. */
  call(command: string, args: (string | number)[]): Promise<unknown>;
  /** Listens to the connections of a cluster's nodes. */
  on(event: string, listener: (node: RedisNodeLike) => void): unknown;
  /** Listens no longer. */
  off(event: string, listener: (node: RedisNodeLike) => void): unknown;
}
