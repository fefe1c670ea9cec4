import type { AttackReport } from "../run-attacks.ts";
import { type ReportEntry, reportEntries, reportRows, reportSummary } from "./report-rows.ts";

/** A report as Markdown. What the target answered is quoted in such a way that it stays text. */
export function reportMarkdown(report: AttackReport): string {
  const rows = reportRows(report).map(({ outcome, name, threat, told, finding }) =>
    [outcome, name, threat, told, finding].map(cell).join(" | "),
  );
  return [
    `# Attacks on ${cell(report.target)}`,
    "",
    `${reportSummary(report)}. Begun ${report.startedAt}, took ${report.duration.toFixed(1)} s.`,
    "",
    "| Outcome | Attack | Threat | Sent to the attacker | Finding |",
    "|---|---|---|---|---|",
    ...rows.map((row) => `| ${row} |`),
    "",
    "## In detail",
    "",
    "Tokens, keys and session ids are left out.",
    "",
    ...reportEntries(report).flatMap(section),
  ].join("\n");
}

function section({ attack, row, exchanges }: ReportEntry): string[] {
  const transcript = exchanges
    .map(({ label, request, answer }) => `${label}\n  → ${request}\n  ← ${answer}`)
    .join("\n");
  return [
    `### ${cell(attack.name)}: ${row.outcome}`,
    "",
    `The attacker ${cell(attack.attacker)}. ${cell(attack.description)}. Must be stopped by: ${cell(attack.defence)}.`,
    "",
    ...fenced(transcript),
    "",
  ];
}

/** Text in a place where Markdown would read it. */
function cell(text: string): string {
  return text.replace(/\s+/g, " ").replace(/[\\`*[\]<>|&#~]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** A block whose fence is longer than any within. */
function fenced(text: string): string[] {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  return [`${fence}text`, text, fence];
}
