import type { Attack, AttackResult, ExchangeRecord } from "../attack.ts";
import type { AttackReport } from "../run-attacks.ts";

/** One attack as a line of a table: plain text, with nothing secret and nothing that a terminal would obey. */
export interface ReportRow {
  /** The attack, for machines. */
  readonly id: string;
  /** The attack, for people. */
  readonly name: string;
  /** What kind of mistake it looks for. */
  readonly category: string;
  /** Row of the threat catalogue. */
  readonly threat: string;
  /** What came of it. */
  readonly outcome: AttackResult["outcome"] | "not run";
  /** What was sent to the attacker: the reason on the wire, the precise code where it is known, or nothing. */
  readonly told: string;
  /** What stopped it, what was found, or why nothing was shown. */
  readonly finding: string;
}

const ORDER: readonly ReportRow["outcome"][] = ["breached", "inconclusive", "blocked", "not run"];

/** A report as rows for a table: what got through first, then what showed nothing, then what was blocked. */
export function reportRows({ results, notRun }: AttackReport): readonly ReportRow[] {
  const rows = [
    ...results.map(({ attack, result }) => ({
      ...headOf(attack),
      outcome: result.outcome,
      told: toldBy(result),
      finding: findingOf(result),
    })),
    ...notRun.map(({ attack, why }) => ({ ...headOf(attack), outcome: "not run" as const, told: "", finding: why })),
  ];
  return rows.sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome));
}

/** The report's outcome in one sentence. */
export function reportSummary({ results, notRun, blocked, breached, inconclusive }: AttackReport): string {
  const parts = [
    `${blocked} of ${results.length} attacks blocked`,
    `${breached} breached`,
    `${inconclusive} inconclusive`,
    ...(notRun.length > 0 ? [`${notRun.length} not run`] : []),
  ];
  return parts.join(", ");
}

/** An attack and what came of it, for the detailed part of a report. */
export interface ReportEntry {
  readonly attack: Attack;
  readonly row: ReportRow;
  readonly exchanges: readonly ExchangeRecord[];
}

/** Everything that a report for people tells in detail, in the order of its rows. */
export function reportEntries(report: AttackReport): readonly ReportEntry[] {
  return reportRows(report).flatMap((row) => {
    const found = report.results.find(({ attack }) => attack.id === row.id);
    return found ? [{ attack: found.attack, row, exchanges: found.result.exchanges }] : [];
  });
}

function headOf({ id, name, category, threat }: Attack): Pick<ReportRow, "id" | "name" | "category" | "threat"> {
  return { id, name, category, threat };
}

function toldBy(result: AttackResult): string {
  return result.outcome === "blocked" ? [result.reason, result.code].filter(Boolean).join(" / ") : "";
}

function findingOf(result: AttackResult): string {
  return result.outcome === "blocked" ? result.defence : result.evidence;
}
