import { fileURLToPath } from "node:url";
import { RedisCluster, RedisSentinel, RedisServer, requireRedis } from "redis-harness";
import { describe, expect, it } from "vitest";
import type { Fault } from "../src/faults.ts";
import { race } from "../src/race.ts";
import { soak } from "../src/soak.ts";

// The workers are processes of their own and run what was built: `pnpm exec turbo run build --filter soak`.
const program = fileURLToPath(new URL("../dist/worker.js", import.meta.url));

describe.skipIf(!requireRedis("races between processes"))("several processes on one store", () => {
  it("accept one of 600 who use a key at once, on Redis (R3, R6)", async () => {
    const server = await RedisServer.start();
    try {
      const redis = { kind: "single", port: server.port } as const;
      const report = await race({ redis, program, rounds: 20, presenters: 200, processes: 3 });
      expect(report.exact).toBe(20);
    } finally {
      await server.stop();
    }
  });

  it("accept one of 600 who use a key at once, on a Cluster (R3, R6)", async () => {
    const cluster = await RedisCluster.start();
    try {
      const redis = { kind: "cluster", ports: cluster.nodes.map(({ port }) => port) } as const;
      const report = await race({ redis, program, rounds: 20, presenters: 200, processes: 3 });
      expect(report.exact).toBe(20);
    } finally {
      await cluster.stop();
    }
  });

  it("accept no proof twice over a frozen and an emptied Redis, save before the loss is noticed (R9, R12, C7)", async () => {
    const watched = await RedisSentinel.start();
    try {
      const [server] = watched.servers;
      const frozen: Fault = {
        name: "frozen",
        loses: false,
        async inflict() {
          // Longer than a command may take, and shorter than Sentinel waits: the server keeps that time itself.
          await server.admin.call("client", "pause", 350);
          await server.admin.ping();
        },
      };
      const emptied: Fault = {
        name: "emptied",
        loses: true,
        inflict: async () => void (await server.admin.flushall()),
      };
      const { ledger, macs, fallbacks } = await soak({
        redis: { kind: "sentinel", port: watched.sentinel.port, name: watched.name },
        ...{ program, processes: 3, seconds: 0 },
        faults: () => [frozen, emptied],
      });
      expect(ledger.acceptedOnce).toBeGreaterThan(0);
      expect(ledger.repeated).toBeGreaterThan(0);
      expect(ledger.replaysOutside).toBe(0);
      // Half of the agents have tickets, which every process opens.
      expect(macs).toBeGreaterThan(0);
      expect(fallbacks).toBe(0);
      expect([...ledger.unexpected]).toEqual([]);
      expect(ledger.incidents.every(({ recovered }) => recovered !== undefined)).toBe(true);
    } finally {
      await watched.stop();
    }
  });
});
