import type { AttackReport } from "../run-attacks.ts";
import { type ReportEntry, type ReportRow, reportEntries, reportRows, reportSummary } from "./report-rows.ts";

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --breached: #c62828; --inconclusive: #b26a00; --blocked: #2e7d32; }
@media (prefers-color-scheme: dark) { :root { --breached: #ff8a80; --inconclusive: #ffb74d; --blocked: #81c784; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line); }
.breached, .inconclusive, .blocked { font-weight: 600; white-space: nowrap; }
.breached { color: var(--breached); } .inconclusive { color: var(--inconclusive); } .blocked { color: var(--blocked); }
details { border-bottom: 1px solid var(--line); padding: .5rem 0; } summary { cursor: pointer; }
dt { font-weight: 600; margin-top: .6rem; } dd { margin: 0 0 0 1.5rem; }
code { overflow-wrap: anywhere; font-size: .85em; }
`;

/**
 * A report as one HTML page that needs nothing else: no script, no font, no image, and a policy that would let none be
 * loaded. Everything in it is escaped.
 */
export function reportHtml(report: AttackReport): string {
  const { target, startedAt, duration } = report;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Attacks on ${escaped(target)}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Attacks on ${escaped(target)}</h1>
<p>${escaped(reportSummary(report))}. Begun ${escaped(startedAt)}, took ${duration.toFixed(1)} s.</p>
<div class="wide"><table>
<thead><tr><th>Outcome</th><th>Attack</th><th>Threat</th><th>Sent to the attacker</th><th>Finding</th></tr></thead>
<tbody>
${reportRows(report).map(tableRow).join("\n")}
</tbody>
</table></div>
<h2>In detail</h2>
<p>Tokens, keys and session ids are left out.</p>
${reportEntries(report).map(section).join("\n")}
</body>
</html>
`;
}

function tableRow({ outcome, name, threat, told, finding }: ReportRow): string {
  const cells = [name, threat, told, finding].map((text) => `<td>${prose(text)}</td>`).join("");
  return `<tr><td>${badge(outcome)}</td>${cells}</tr>`;
}

function section({ attack, row, exchanges }: ReportEntry): string {
  const transcript = exchanges.map(
    ({ label, request, answer }) =>
      `<dt>${escaped(label)}</dt><dd>→ <code>${escaped(request)}</code></dd><dd>← <code>${escaped(answer)}</code></dd>`,
  );
  return `<details${row.outcome === "blocked" ? "" : " open"}>
<summary>${badge(row.outcome)} ${prose(attack.name)}</summary>
<p>${prose(`The attacker ${attack.attacker}. ${attack.description}. Must be stopped by: ${attack.defence}.`)}</p>
<dl>${transcript.join("")}</dl>
</details>`;
}

function badge(outcome: ReportRow["outcome"]): string {
  return `<span class="${outcome.replace(" ", "-")}">${outcome}</span>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text with `code` in it. */
function prose(text: string): string {
  return escaped(text).replace(/`([^`]*)`/g, "<code>$1</code>");
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
