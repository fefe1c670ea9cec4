import type { Observer, ReplayCache } from "@attest/core";

/** A replay cache in Redis, and its connection. */
export interface RedisStore {
  /** The replay cache, for several processes. */
  readonly cache: ReplayCache;
  /** Ends the connection. */
  close(): void;
}

/** Where Redis is. */
export interface RedisOptions {
  /** Its URL. */
  readonly redis: string;
  /** What every key begins with. Default: that of `RedisReplayCache`. */
  readonly keyPrefix?: string | undefined;
}

/** Opens a replay cache in Redis. @throws Error that says which packages are needed. */
export async function openRedis({ redis, keyPrefix }: RedisOptions, observer: Observer): Promise<RedisStore> {
  const modules = await Promise.all([import("@attest/cache-redis"), import("ioredis")]).catch(() => undefined);
  if (!modules) throw new Error("replay.redis needs two packages: npm install @attest/cache-redis ioredis");
  const [{ RedisReplayCache }, { Redis }] = modules;
  const client = new Redis(redis);
  // The cache reports failures; without a listener the client would print its address.
  client.on("error", () => {});
  const cache = new RedisReplayCache({ client, observer, ...(keyPrefix !== undefined && { keyPrefix }) });
  return { cache, close: () => client.disconnect() };
}
