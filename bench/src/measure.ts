/** One of the things compared: does its work `count` times, however it likes to. */
export interface Variant {
  readonly name: string;
  /** Makes what a run of `count` uses up. Neither this nor the garbage that it leaves is measured. */
  prepare?(count: number): Promise<void>;
  run(count: number): Promise<void> | void;
  /** CPU time so far, in microseconds, of another process that does part of the work. */
  elsewhere?(): Promise<number>;
}

/** What one variant cost, per operation, in microseconds; medians over the rounds. */
export interface Cost {
  readonly name: string;
  readonly cpu: number;
  readonly wall: number;
  /** CPU time of the base ÷ CPU time of this, taken round by round, so that a neighbour's noise hits both. */
  readonly cpuRatio: number;
  readonly wallRatio: number;
}

/** Runs of each variant before anything is measured: less, and what the compiler does about it is still on its way. */
const WARM_UPS = 6;

/**
 * Measures variants interleaved in one process: every round runs each once, in an order that rotates. CPU time is user
 * and system time of the whole process, thread pool included.
 *
 * @param variants The first is the base that the others are compared with.
 */
export async function compare(
  variants: readonly Variant[],
  { rounds, count, warmUps = WARM_UPS }: { rounds: number; count: number; warmUps?: number },
): Promise<Cost[]> {
  for (let i = 0; i < warmUps; i++) {
    for (const variant of variants) {
      await variant.prepare?.(count);
      await variant.run(count);
    }
  }
  const samples = variants.map(() => ({ cpu: [] as number[], wall: [] as number[] }));
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < variants.length; i++) {
      const index = (i + round) % variants.length;
      const variant = variants[index];
      const sample = samples[index];
      if (!variant || !sample) continue;
      await variant.prepare?.(count);
      promote();
      const elsewhere = (await variant.elsewhere?.()) ?? 0;
      const cpu = process.cpuUsage();
      const wall = performance.now();
      await variant.run(count);
      sample.wall.push(((performance.now() - wall) * 1000) / count);
      const used = process.cpuUsage(cpu);
      const added = ((await variant.elsewhere?.()) ?? 0) - elsewhere;
      sample.cpu.push((used.user + used.system + added) / count);
    }
  }
  const base = samples[0] ?? { cpu: [], wall: [] };
  return variants.map(({ name }, index) => {
    const { cpu, wall } = samples[index] ?? base;
    return {
      name,
      cpu: median(cpu),
      wall: median(wall),
      cpuRatio: median(cpu.map((value, round) => (base.cpu[round] ?? Number.NaN) / value)),
      wallRatio: median(wall.map((value, round) => (base.wall[round] ?? Number.NaN) / value)),
    };
  });
}

/**
 * Moves what was prepared out of the young generation, so that no collection during a run copies it. It collects nothing else:
 * a full collection shrinks the young generation, and rows of a few microseconds then measure how it grows again.
 */
function promote(): void {
  for (let i = 0; i < 2; i++) globalThis.gc?.({ type: "minor", execution: "sync" });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** Between which two samples the median of the distribution lies, by 95 %: by ranks, whatever the distribution. */
export function intervalOfMedian(values: readonly number[]): readonly [low: number, high: number] {
  const sorted = [...values].sort((a, b) => a - b);
  const reach = 0.98 * Math.sqrt(sorted.length);
  const low = Math.max(0, Math.floor(sorted.length / 2 - reach) - 1);
  const high = Math.min(sorted.length - 1, Math.ceil(sorted.length / 2 + reach));
  return [sorted[low] ?? Number.NaN, sorted[high] ?? Number.NaN];
}
