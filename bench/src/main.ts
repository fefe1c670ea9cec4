// Measures ours and its peers in one run and prints each target with what was measured. Usage: npm run bench [-- out.json]
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { measureAttestations } from "./attestations.ts";
import { measureCalls } from "./calls.ts";
import { measureChains } from "./chains.ts";
import { measureGateway } from "./gateway.ts";
import { measureImport } from "./import-time.ts";
import { measureKeyResolver } from "./key-resolver.ts";
import { createMaterial } from "./material.ts";
import type { Cost } from "./measure.ts";
import { measureObservers } from "./observers.ts";
import { measureRedis } from "./redis.ts";
import { measureReplayCache } from "./replay-caches.ts";
import { measureRequests } from "./requests.ts";
import { type Row, verdict } from "./row.ts";
import { measureStatusList } from "./status-list.ts";
import { measureStreams } from "./streams.ts";
import { measureTickets } from "./tickets.ts";

const material = await createMaterial();
const measured: { costs?: readonly Cost[]; rows: readonly Row[] }[] = [
  // First, while the process is small: nothing else here is measured in fractions of a microsecond.
  { rows: measureReplayCache() },
  await measureAttestations(material),
  await measureRequests(material),
  await measureTickets(material),
  await measureChains(material),
  await measureCalls(material),
  await measureRedis(),
  { rows: [await measureKeyResolver(material)] },
  { rows: await measureStatusList(material) },
  await measureObservers(material),
  await measureStreams(material),
  await measureGateway(),
  { rows: [measureImport()] },
];
const costs: Cost[] = measured.flatMap(({ costs = [] }) => costs);
const rows: Row[] = measured.flatMap(({ rows }) => rows);

const machine = `${process.version}, ${availableParallelism()} × ${cpus()[0]?.model.trim()}`;
console.log(
  `\n${machine}\nPer operation, medians of interleaved rounds; ratio = base ÷ this, base first in its group.\n`,
  "Limit: what the signatures alone would come to.\n",
);
console.table(
  costs.map(({ name, cpu, wall, cpuRatio, wallRatio }) => ({
    what: name,
    "CPU µs": round(cpu),
    "CPU ratio": round(cpuRatio),
    "wall µs": round(wall),
    "wall ratio": round(wallRatio),
  })),
);
console.table(
  rows.map((row) => ({
    target: row.path,
    unit: row.unit,
    must: row.must === undefined ? "" : `${row.better === "greater" ? "≥" : "≤"} ${row.must}`,
    aim: row.aim ?? "",
    limit: row.limit === undefined ? "" : round(row.limit),
    measured: row.measured === undefined ? `– (${row.notMeasured})` : round(row.measured),
    verdict: verdict(row),
  })),
);
const file = process.argv[2];
if (file) writeFileSync(file, `${JSON.stringify({ machine, costs, rows }, null, 2)}\n`);

function round(value: number): number {
  return Number(value.toPrecision(3));
}
