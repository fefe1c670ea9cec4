// Measures ours and its peers in one run and prints each target with what was measured.
// Usage: npm run bench [-- out.json] [--only WORD]
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { AskedProcess } from "./asked-process.ts";
import type { Cost } from "./measure.ts";
import { type Measured, PARTS } from "./parts.ts";
import { type Row, verdict } from "./row.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: "string", default: "" } },
});
const measured: Measured[] = [];
for (const name of Object.keys(PARTS).filter((each) => each.includes(values.only))) {
  const [part, found] = await AskedProcess.start<Measured>("part-process", name);
  await part.end();
  measured.push(found);
}
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
const [file] = positionals;
if (file) writeFileSync(file, `${JSON.stringify({ machine, costs, rows }, null, 2)}\n`);

function round(value: number): number {
  return Number(value.toPrecision(3));
}
