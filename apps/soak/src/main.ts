// npm run soak -- [--minutes N] [--processes N]                      faults on Redis with Sentinel, then on a Cluster
// npm run soak -- revocation [--ttl S] [--agents N] [--processes N]   from "revoke" until every process refuses
// npm run soak -- race [--rounds N] [--presenters N] [--processes N]  one key at a time, used by everybody at once
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { findRedis, RedisCluster, RedisSentinel, RedisServer } from "redis-harness";
import { clusterFaults, sentinelFaults } from "./faults.ts";
import type { Incident } from "./ledger.ts";
import { race } from "./race.ts";
import type { ListFault } from "./revocation/list-server.ts";
import { measureRevocation } from "./revocation/measure-revocation.ts";
import { type SoakReport, soak } from "./soak.ts";

const program = fileURLToPath(new URL("./worker.js", import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: "string", default: "2" },
    processes: { type: "string", default: "3" },
    rounds: { type: "string", default: "1000" },
    presenters: { type: "string", default: "200" },
    ttl: { type: "string", default: "5" },
    agents: { type: "string", default: "10" },
  },
});

function number(option: keyof typeof values, least: number): number {
  const value = Number(values[option]);
  if (Number.isFinite(value) && value >= least) return value;
  console.error(`--${option} must be a number of at least ${least}`);
  process.exit(2);
}

if (positionals[0] === "revocation") process.exit((await runRevocation()) ? 0 : 1);
if (!findRedis()) {
  console.error("no redis-server or valkey-server on PATH");
  process.exit(2);
}
const processes = number("processes", 1);
const passed = positionals[0] === "race" ? await runRace() : await runSoak();
process.exit(passed ? 0 : 1);

async function runRevocation(): Promise<boolean> {
  const [ttl, agents, replicas] = [number("ttl", 1), number("agents", 1), number("processes", 1)];
  const replica = fileURLToPath(new URL("./revocation/replica.js", import.meta.url));
  let passed = true;
  for (const fault of ["none", "down", "slow", "rolled back"] satisfies ListFault[]) {
    const run = { ttl, fault, agents, replicas, timeoutMs: 2000, program: replica };
    const { samples, p50, p95, max, bound, codes } = await measureRevocation(run);
    const times = [p50, p95, max].map((seconds) => seconds.toFixed(1));
    console.log(
      `ttl ${ttl} s, list server ${fault === "none" ? "well" : fault}: refused everywhere after p50 ${times[0]}, ` +
        `p95 ${times[1]}, max ${times[2]} s of at most ${bound} s, over ${samples.length} (${JSON.stringify(codes)})`,
    );
    passed &&= max <= bound;
  }
  return passed;
}

async function runRace(): Promise<boolean> {
  const server = await RedisServer.start();
  const cluster = await RedisCluster.start();
  let passed = true;
  for (const [name, redis] of [
    ["Redis", { kind: "single", port: server.port }],
    ["Cluster", { kind: "cluster", ports: cluster.nodes.map(({ port }) => port) }],
  ] as const) {
    const report = await race({
      redis,
      program,
      processes,
      rounds: number("rounds", 1),
      presenters: number("presenters", 1),
    });
    const { rounds, presenters, exact, seconds } = report;
    console.log(
      `${name}: ${rounds} rounds × ${presenters} presenters × ${report.processes} processes: ` +
        `exactly one acceptance in ${exact} (${Math.round((rounds * presenters * report.processes) / seconds)} uses/s)`,
    );
    passed &&= exact === rounds;
  }
  await Promise.all([server.stop(), cluster.stop()]);
  return passed;
}

async function runSoak(): Promise<boolean> {
  const seconds = number("minutes", 0) * 30;
  const watched = await RedisSentinel.start();
  console.log(`Redis, a replica and Sentinel, shared by ${processes} processes`);
  const first = await soak({
    redis: { kind: "sentinel", port: watched.sentinel.port, name: watched.name },
    ...{ program, processes, seconds, onIncident: print },
    faults: (fleet) => sentinelFaults(watched, fleet),
  });
  await watched.stop();
  const sentinelPassed = summarize(first);
  const cluster = await RedisCluster.start({ replicas: 1 });
  console.log(`\nA Cluster of three primaries with a replica each, shared by ${processes} processes`);
  const second = await soak({
    redis: { kind: "cluster", ports: cluster.nodes.map(({ port }) => port) },
    ...{ program, processes, seconds, onIncident: print },
    faults: (fleet) => clusterFaults(cluster, fleet),
  });
  await cluster.stop();
  return summarize(second) && sentinelPassed;
}

function print({ fault, begun, ended, noticed, recovered, honestRefusals, replaysAccepted }: Incident): void {
  const parts = [
    `${honestRefusals} honest uses refused`,
    recovered === undefined ? "NOT RECOVERED" : `recovered ${recovered - ended} ms after it`,
    ...(fault.loses ? [noticed === undefined ? "LOSS NOT NOTICED" : `loss noticed after ${noticed - begun} ms`] : []),
    `${replaysAccepted} replays accepted`,
  ];
  console.log(`  ${fault.name}: ${parts.join(", ")}`);
}

function summarize({ ledger, seconds, macs, fallbacks }: SoakReport): boolean {
  const unexpected = [...ledger.unexpected].map(([code, count]) => `${code} × ${count}`);
  console.log(
    [
      `  accepted once: ${ledger.acceptedOnce}, repetitions refused: ${ledger.repeated}, honest uses refused: ${ledger.honestRefusals}`,
      `  replays accepted: ${ledger.replaysOutside}; within a loss not noticed yet: ${ledger.replaysInWindow}`,
      `  proved by MACs: ${macs}; tickets refused: ${fallbacks}`,
      `  ${Math.round(ledger.presented / seconds)} presentations/s over ${Math.round(seconds)} s`,
      ...(unexpected.length > 0 ? [`  UNEXPECTED: ${unexpected.join(", ")}`] : []),
    ].join("\n"),
  );
  const recovered = ledger.incidents.every((incident) => incident.recovered !== undefined);
  return ledger.replaysOutside === 0 && ledger.acceptedOnce > 0 && macs > 0 && recovered && unexpected.length === 0;
}
