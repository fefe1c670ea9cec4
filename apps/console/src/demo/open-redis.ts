import { findRedis, RedisServer } from "redis-harness";

/** A Redis that the demo may use. */
export interface OpenedRedis {
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * The Redis that `REDIS_URL` names, else a server of this machine's, started on a free port with nothing kept on disk;
 * `undefined` if there is neither.
 */
export async function openRedis(environment: NodeJS.ProcessEnv = process.env): Promise<OpenedRedis | undefined> {
  const { REDIS_URL: url } = environment;
  if (url !== undefined && url !== "") return { url, stop: async () => {} };
  if (!findRedis()) return undefined;
  const server = await RedisServer.start();
  return { url: server.url, stop: () => server.stop() };
}
