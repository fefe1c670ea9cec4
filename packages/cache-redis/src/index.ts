export type { RedisLike, RedisNodeLike } from "./redis-like.ts";
export { RedisReplayCache, type RedisReplayCacheHealth } from "./redis-replay-cache.ts";
export type { RedisReplayCacheOptions } from "./redis-replay-cache-options.ts";
