export { findRedis, requireRedis } from "./find-redis.ts";
export { RedisCluster } from "./redis-cluster.ts";
export { RedisSentinel } from "./redis-sentinel.ts";
export { RedisServer } from "./redis-server.ts";
