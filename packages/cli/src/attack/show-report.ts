import { type AttackReport, reportRows, reportSummary } from "@attest/attacks";
import Table from "cli-table3";
import { paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";

const COLOURS = { breached: "red", inconclusive: "yellow", blocked: "green", "not run": "dim" } as const;
/** Lines between the head and the rows alone, so that an attack takes the lines that its words take. */
const NO_INNER_LINES = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };

/** A report as a table for a terminal, the worst first; what was not run and why; the outcome in one sentence. */
export function showReport(report: AttackReport): string {
  const rows = reportRows(report).filter(({ outcome }) => outcome !== "not run");
  const outcome = 14;
  const id = columnFor(rows.map((row) => row.id));
  const threat = columnFor(["threat", ...rows.map((row) => row.threat)]);
  const told = Math.min(36, columnFor(["told", ...rows.map((row) => row.told)]));
  // What is left for findings, with six border lines; pipes and files get as much as a wide terminal.
  const finding = Math.max(30, (process.stdout.columns ?? 160) - outcome - id - threat - told - 6);
  const table = new Table({
    head: ["outcome", "attack", "threat", "told", "finding"].map((title) => paint("bold", title)),
    chars: NO_INNER_LINES,
    style: { head: [], border: [] },
    colWidths: [outcome, id, threat, told, finding],
    wordWrap: true,
  });
  for (const row of rows) {
    const texts = [row.id, row.threat, row.told, row.finding].map(printable);
    table.push([paint(COLOURS[row.outcome], row.outcome), ...texts]);
  }
  const bad = report.breached > 0 || report.inconclusive > 0 || report.blocked === 0;
  const summary = paint(bad ? "red" : "green", `${printable(report.target)}: ${reportSummary(report)}`);
  return [table.toString(), ...notRun(report), summary].join("\n\n");
}

function columnFor(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => text.length)) + 2;
}

/** The attacks that were left out, by what they lack. */
function notRun(report: AttackReport): string[] {
  const byReason = new Map<string, string[]>();
  for (const { attack, why } of report.notRun) byReason.set(why, [...(byReason.get(why) ?? []), attack.id]);
  if (byReason.size === 0) return [];
  const lines = [...byReason].map(([why, ids]) => `  ${printable(why)}: ${ids.join(", ")}`);
  return [paint("dim", `Not run\n${lines.join("\n")}`)];
}
