import { setTimeout as sleep } from "node:timers/promises";
import type { RedisCluster, RedisSentinel, RedisServer } from "redis-harness";
import type { Fleet } from "./fleet.ts";

/** One thing that goes wrong. `inflict` resolves when what was broken is whole again. */
export interface Fault {
  readonly name: string;
  /** Whether uses that were recorded may be forgotten by it. */
  readonly loses: boolean;
  inflict(): Promise<void>;
}

/** What can happen to any Redis. `target` is who serves now. */
function common(target: () => Promise<RedisServer>, fleet: Fleet): Fault[] {
  return [
    {
      name: "replies slower by 100 ms",
      loses: false,
      async inflict() {
        const { admin } = await target();
        for (let i = 0; i < 5; i++) {
          await admin.call("client", "pause", 100);
          await sleep(200);
        }
      },
    },
    {
      name: "frozen (SIGSTOP) for 600 ms",
      loses: false,
      async inflict() {
        const server = await target();
        server.freeze();
        await sleep(600);
        server.thaw();
      },
    },
    {
      name: "a clock ahead by the skew for 2 s",
      loses: false,
      async inflict() {
        fleet.tell(0, { type: "shift-clock", seconds: 1 });
        await sleep(2000);
        fleet.tell(0, { type: "shift-clock", seconds: 0 });
      },
    },
    {
      name: "out of memory (OOM) for 1 s",
      loses: false,
      async inflict() {
        const { admin } = await target();
        await admin.config("SET", "maxmemory", "1");
        await sleep(1000);
        await admin.config("SET", "maxmemory", "0");
      },
    },
    {
      name: "emptied (FLUSHALL)",
      loses: true,
      async inflict() {
        await (await target()).admin.flushall();
      },
    },
  ];
}

/** Everything that befalls a primary with a replica and Sentinel. */
export function sentinelFaults(watched: RedisSentinel, fleet: Fleet): Fault[] {
  const primary = () => watched.primary();
  const replaced = async (former: RedisServer) => {
    while ((await primary()) === former) await sleep(20);
  };
  return [
    ...common(primary, fleet),
    {
      name: "read-only (READONLY) for 500 ms",
      loses: false,
      async inflict() {
        const { admin } = await primary();
        await admin.call("replicaof", "127.0.0.1", "1");
        await sleep(500);
        await admin.call("replicaof", "no", "one");
      },
    },
    {
      name: "killed (kill -9), replica promoted",
      loses: true,
      async inflict() {
        const former = await primary();
        await former.kill();
        await replaced(former);
        await former.run();
      },
    },
    {
      name: "failover ordered of Sentinel",
      loses: true,
      async inflict() {
        const former = await primary();
        // Sentinel refuses while it knows no replica that is up to date.
        while (!(await ordered())) await sleep(200);
        await replaced(former);
      },
    },
  ];

  async function ordered(): Promise<boolean> {
    try {
      await watched.sentinel.admin.call("sentinel", "failover", watched.name);
      return true;
    } catch {
      return false;
    }
  }
}

/** Everything that befalls one primary of a Cluster whose primaries have a replica each. */
export function clusterFaults(cluster: RedisCluster, fleet: Fleet): Fault[] {
  const primaries = async () => {
    const roles = await Promise.all(
      cluster.nodes.map(async (node) => ({ node, role: ((await node.admin.role()) as unknown[])[0] })),
    );
    return roles.filter(({ role }) => role === "master").map(({ node }) => node);
  };
  const target = async () => (await primaries())[0] as RedisServer;
  return [
    ...common(target, fleet),
    {
      name: "killed (kill -9), replica promoted",
      loses: true,
      async inflict() {
        const lost = await target();
        const others = cluster.nodes.filter((node) => node !== lost);
        await lost.kill();
        const whole = async () => {
          const infos = await Promise.all(others.map(({ admin }) => admin.call("cluster", "info")));
          return infos.every((info) => String(info).includes("cluster_state:ok"));
        };
        // The others notice first, and then elect.
        await sleep(1200);
        while (!(await whole())) await sleep(50);
        await lost.run();
      },
    },
  ];
}
