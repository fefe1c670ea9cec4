import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { RedisServer } from "./redis-server.ts";

/** A primary and a replica, watched by one Sentinel that promotes the replica when the primary is gone. */
export class RedisSentinel {
  readonly name = "attest";
  readonly servers: readonly [RedisServer, RedisServer];
  readonly sentinel: RedisServer;

  private constructor(servers: readonly [RedisServer, RedisServer], sentinel: RedisServer) {
    this.servers = servers;
    this.sentinel = sentinel;
  }

  static async start({ args = [] as readonly string[] } = {}): Promise<RedisSentinel> {
    const quick = ["--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1", ...args];
    const primary = await RedisServer.start({ args: quick });
    const replica = await RedisServer.start({ args: [...quick, "--replicaof", "127.0.0.1", String(primary.port)] });
    while (!(await replica.admin.info("replication")).includes("master_link_status:up")) await sleep(50);
    const sentinel = await RedisServer.start({
      args: ["--sentinel"],
      configuration: [
        `sentinel monitor attest 127.0.0.1 ${primary.port} 1`,
        "sentinel down-after-milliseconds attest 800",
        "sentinel failover-timeout attest 4000",
        "sentinel parallel-syncs attest 1",
      ].join("\n"),
    });
    const watched = new RedisSentinel([primary, replica], sentinel);
    // It learns of the replica from the primary, and promotes none that it knows too little of.
    const replicas = async () => ((await sentinel.admin.call("sentinel", "replicas", "attest")) as unknown[]).flat();
    while (!(await replicas()).includes("ok")) await sleep(50);
    return watched;
  }

  /** Whom Sentinel calls the primary now. */
  async primary(): Promise<RedisServer> {
    const [, port] = (await this.sentinel.admin.call("sentinel", "get-master-addr-by-name", this.name)) as string[];
    const found = this.servers.find((server) => String(server.port) === port);
    if (!found) throw new Error(`Sentinel names an unknown primary on port ${port}`);
    return found;
  }

  connect(): Redis {
    const client = new Redis({
      sentinels: [{ host: "127.0.0.1", port: this.sentinel.port }],
      name: this.name,
      sentinelRetryStrategy: () => 50,
      failoverDetector: true,
      retryStrategy: () => 50,
    });
    client.on("error", () => {});
    return client;
  }

  async stop(): Promise<void> {
    await Promise.all([this.sentinel, ...this.servers].map((server) => server.stop()));
  }
}
