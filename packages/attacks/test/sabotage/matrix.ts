import { appendFileSync } from "node:fs";
import { type Attack, type AttackReport, attacks } from "../../src/index.ts";

/** Whether one sabotage was caught by the attack that is meant to catch it. */
export interface MatrixRow {
  readonly removed: string;
  readonly meant: string;
  readonly caught: boolean;
}

/** The attack that is meant to catch a sabotage, alone: what else catches it is not asked. */
export function attackNamed(meant: string): readonly Attack[] {
  return attacks.filter(({ id }) => id === meant);
}

/** Whether an attack breached. */
export function breaches({ results }: AttackReport, id: string): boolean {
  return results.some(({ attack, result }) => attack.id === id && result.outcome === "breached");
}

/** Prints the matrix: a line for each defence removed, and what caught it. */
export function printMatrix(title: string, rows: readonly MatrixRow[]): void {
  const width = Math.max(...rows.map(({ removed }) => removed.length));
  const lines = rows.map(
    ({ removed, meant, caught }) => `  ${removed.padEnd(width)}  ${caught ? "caught" : "NOT CAUGHT"} by ${meant}`,
  );
  appendFileSync(process.stdout.fd, `\n${title}\n${lines.join("\n")}\n`);
}
