// @attest/cache-redis: the contract of replay caches, on the Redis server at REDIS_URL.
import { RedisReplayCache } from "@attest/cache-redis";
import { replayCacheContract } from "@attest/replay-cache-contract";
import { Redis } from "ioredis";
import { collectTests } from "./collect-tests.mjs";

const { functions, run } = collectTests();
const clients = [];
const open = (url) => {
  const client = new Redis(url, { lazyConnect: false });
  client.on("error", () => {});
  clients.push(client);
  return new RedisReplayCache({ client });
};
// Nothing listens on the discard port of the loopback address.
replayCacheContract(functions, async () => open(process.env.REDIS_URL), {
  unreachable: async () => open("redis://127.0.0.1:9"),
});
console.log(`${await run()} tests of the contract`);
for (const client of clients) client.disconnect();
process.exit(0);
