import { appendFileSync } from "node:fs";
import type { AttackReport } from "../../src/index.ts";

/** What one sabotage was caught by. */
export interface MatrixRow {
  readonly removed: string;
  readonly meant: string;
  readonly caughtBy: readonly string[];
}

/** The attacks that breached. */
export function breachedBy({ results }: AttackReport): readonly string[] {
  return results.filter(({ result }) => result.outcome === "breached").map(({ attack }) => attack.id);
}

/** Prints the matrix: a line for each defence removed, and what caught it. */
export function printMatrix(title: string, rows: readonly MatrixRow[]): void {
  const width = Math.max(...rows.map(({ removed }) => removed.length));
  const lines = rows.map(({ removed, meant, caughtBy }) => {
    const others = caughtBy.length - (caughtBy.includes(meant) ? 1 : 0);
    const also = others > 0 ? ` and ${others} more` : "";
    return `  ${removed.padEnd(width)}  ${caughtBy.includes(meant) ? `caught by ${meant}${also}` : `NOT CAUGHT by ${meant}`}`;
  });
  appendFileSync(process.stdout.fd, `\n${title}\n${lines.join("\n")}\n`);
}
