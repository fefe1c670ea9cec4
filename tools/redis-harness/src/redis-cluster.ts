import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "free-port";
import { Cluster } from "ioredis";
import { RedisServer } from "./redis-server.ts";

const SLOTS = 16_384;

/** A Redis Cluster on loopback: some primaries, each with as many replicas. */
export class RedisCluster {
  readonly primaries: readonly RedisServer[];
  readonly replicas: readonly RedisServer[];

  private constructor(primaries: RedisServer[], replicas: RedisServer[]) {
    this.primaries = primaries;
    this.replicas = replicas;
  }

  /** Starts the nodes and waits until each of them sees a whole cluster. */
  static async start({ primaries = 3, replicas = 0, args = [] as readonly string[] } = {}): Promise<RedisCluster> {
    const nodes = await Promise.all(
      Array.from({ length: primaries * (1 + replicas) }, async () =>
        RedisServer.start({
          // The bus listens on its own free port: the customary port + 10000 may not exist.
          args: async () => [
            ...["--cluster-enabled", "yes", "--cluster-node-timeout", "1000"],
            ...["--cluster-port", String(await freePort()), "--repl-diskless-sync-delay", "0", ...args],
          ],
        }),
      ),
    );
    const masters = nodes.slice(0, primaries);
    const cluster = new RedisCluster(masters, nodes.slice(primaries));
    await Promise.all(
      masters.map(async ({ admin }, i) => {
        await admin.call("cluster", "set-config-epoch", i + 1);
        const [first, last] = [i, i + 1].map((edge) => Math.floor((edge * SLOTS) / primaries)) as [number, number];
        await admin.call("cluster", "addslotsrange", first, last - 1);
      }),
    );
    const [seed] = nodes as [RedisServer];
    const busPort = (await seed.admin.config("GET", "cluster-port")) as string[];
    for (const { admin, port } of nodes) {
      if (port !== seed.port) await admin.call("cluster", "meet", "127.0.0.1", seed.port, busPort[1] ?? "");
    }
    await cluster.#settled(nodes.length);
    await Promise.all(
      cluster.replicas.map(async ({ admin }, i) => {
        const primary = masters[i % primaries] as RedisServer;
        const id = (await primary.admin.call("cluster", "myid")) as string;
        await admin.call("cluster", "replicate", id);
        while (!(await admin.info("replication")).includes("master_link_status:up")) await sleep(50);
      }),
    );
    return cluster;
  }

  get nodes(): RedisServer[] {
    return [...this.primaries, ...this.replicas];
  }

  connect(): Cluster {
    const client = new Cluster(
      this.nodes.map(({ port }) => ({ host: "127.0.0.1", port })),
      { slotsRefreshTimeout: 500, clusterRetryStrategy: () => 50, retryDelayOnFailover: 50 },
    );
    client.on("error", () => {});
    return client;
  }

  async #settled(size: number): Promise<void> {
    for (const { admin } of this.nodes) {
      for (;;) {
        const info = (await admin.call("cluster", "info")) as string;
        if (info.includes("cluster_state:ok") && info.includes(`cluster_known_nodes:${size}`)) break;
        await sleep(50);
      }
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}
