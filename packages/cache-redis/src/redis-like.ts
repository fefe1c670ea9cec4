/**
 * What is used of a client: ioredis 5 and 6, `Redis` and `Cluster`, all satisfy it. Structural, because the classes of
 * two ioredis versions are unrelated types.
 */
export interface RedisLike extends RedisNodeLike {
  /** `ready` when commands are sent as they are issued. */
  readonly status: string;
  readonly isCluster: boolean;
  /** What it was made with. */
  readonly options?: object;
  pipeline(commands: unknown[][]): { exec(): Promise<[error: Error | null, result: unknown][] | null> };
  connect(): Promise<void>;
  disconnect(reconnect?: boolean): void;
  /** Of a Cluster: the nodes of every slot, as `host:port`, the primary first. */
  readonly slots?: readonly (readonly string[] | undefined)[];
  /** Of a Cluster: the connections to its nodes. */
  nodes?(role?: "all" | "master"): RedisNodeLike[];
}

/** One connection to one node. */
export interface RedisNodeLike {
  call(command: string, args: (string | number)[]): Promise<unknown>;
  on(event: string, listener: (node: RedisNodeLike) => void): unknown;
  off(event: string, listener: (node: RedisNodeLike) => void): unknown;
}
