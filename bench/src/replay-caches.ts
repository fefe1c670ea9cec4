import { randomBytes } from "node:crypto";
import { InMemoryReplayCache, type ReplayUse } from "@attest/core";
import { filledCache, useAt } from "./material.ts";
import { median } from "./measure.ts";
import type { Row } from "./row.ts";

const OPERATIONS = 200_000;
/** Keys that an agent grinds in some seconds, so that all are alike where a table without a secret would look. */
const GROUND_KEYS = 80_000;
const GROUND_ROUNDS = 9;

/** The memory replay cache: what one use costs among few and among a million live ones, and how much room it takes. */
export function measureReplayCache(): Row[] {
  const few = Array.from({ length: 5 }, () => timeUses(filledCache(10_000)));
  const many = Array.from({ length: 5 }, () => timeUses(filledCache(1_000_000)));
  const pick = (runs: readonly Timing[], name: keyof Timing) => median(runs.map((run) => run[name]));
  const row = (path: string, unit: string, measured: number, must: number, aim: number): Row => ({
    path: `memory cache at 1M live: ${path}`,
    unit,
    measured,
    must,
    aim,
    better: "smaller",
  });
  return [
    row("mean", "µs", pick(many, "mean"), 1, 0.4),
    row("p99", "µs", pick(many, "p99"), 2, 1),
    row("longest", "ms", pick(many, "longest") / 1000, 15, 5),
    row("cost at 1M ÷ at 10k", "ratio", pick(many, "mean") / pick(few, "mean"), 2, 1.2),
    row("bytes per entry", "B", bytesPerEntry(), 100, 40),
    ...groundKeys(),
  ];
}

/** What keys that were chosen to meet cost, against keys as they come: each fills a cache of its own. */
function groundKeys(): Row[] {
  const rounds = Array.from({ length: GROUND_ROUNDS }, () => ({
    random: fill(() => randomBytes(16)),
    ground: fill(() => randomBytes(16).fill(0, 0, 3).fill(0, 12)),
  }));
  const path = `memory cache, ${GROUND_KEYS.toLocaleString("en")} ground keys`;
  const measured = median(rounds.map(({ random, ground }) => ground.cpu / random.cpu));
  const longest = median(rounds.map(({ ground }) => ground.longest));
  return [
    {
      path: `${path}: mean ÷ that of random ones (CPU)`,
      unit: "ratio",
      measured,
      must: 1.2,
      aim: 1.1,
      better: "smaller",
    },
    { path: `${path}: longest`, unit: "ms", measured: longest, must: 15, aim: 5, better: "smaller" },
  ];
}

/** @returns The CPU time of all uses, and of the longest of as many others the time that passed, in milliseconds. */
function fill(key: () => Buffer): { cpu: number; longest: number } {
  const uses = () => Array.from({ length: GROUND_KEYS }, (_, i) => useAt(i, key()));
  const [together, single] = [uses(), uses()];
  globalThis.gc?.();
  const cache = new InMemoryReplayCache({ maxShare: 1 });
  const before = process.cpuUsage();
  for (const use of together) accept(cache, use);
  const { user, system } = process.cpuUsage(before);
  let longest = 0;
  const other = new InMemoryReplayCache({ maxShare: 1 });
  for (const use of single) {
    const start = performance.now();
    accept(other, use);
    longest = Math.max(longest, performance.now() - start);
  }
  return { cpu: user + system, longest };
}

function accept(cache: InMemoryReplayCache, use: ReplayUse): void {
  if (!cache.consume(use)) throw new Error("A fresh use was not accepted");
}

/** Microseconds. */
interface Timing {
  mean: number;
  p99: number;
  longest: number;
}

function timeUses(cache: InMemoryReplayCache): Timing {
  const uses = Array.from({ length: OPERATIONS }, (_, i) => useAt(i));
  globalThis.gc?.();
  const begun = process.hrtime.bigint();
  for (const use of uses) cache.consume(use);
  const mean = Number(process.hrtime.bigint() - begun) / 1000 / OPERATIONS;
  const single = Array.from({ length: OPERATIONS }, (_, i) => useAt(i));
  const durations = new Float64Array(OPERATIONS);
  // What was just made would be copied by the first collection, in the middle of some use.
  globalThis.gc?.();
  for (let i = 0; i < OPERATIONS; i++) {
    const start = performance.now();
    cache.consume(single[i] as (typeof single)[number]);
    durations[i] = 1000 * (performance.now() - start);
  }
  durations.sort();
  return { mean, p99: durations[Math.floor(OPERATIONS * 0.99)] ?? 0, longest: durations[OPERATIONS - 1] ?? 0 };
}

function bytesPerEntry(): number {
  const entries = 1_000_000;
  const used = () => {
    // The first leaves the buffers that it found to be freed in the background, which the second waits for.
    globalThis.gc?.();
    globalThis.gc?.();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = used();
  const cache = filledCache(entries);
  const after = used();
  if (cache.size !== entries) throw new Error("The cache holds other entries than were put in");
  return (after - before) / entries;
}
