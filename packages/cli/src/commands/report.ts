import { systemClock } from "@attest/core";
import type { Command } from "commander";
import { UsageError } from "../exit.ts";
import { examples, wholeNumber } from "../input/options.ts";
import { printableJson } from "../terminal/printable.ts";

interface ReportOptions {
  readonly days?: number;
  readonly json?: boolean;
}

const DAY = 86_400;

/** `attest report`: who was refused, or would be, for what and why, according to an audit log. */
export function addReport(program: Command): void {
  program
    .command("report")
    .summary("sum up a server's audit log: who was refused, or would be, and why")
    .description(
      "Sums up audit logs (createAuditLog of @attest/observability) by agent, method, tool and code: who was refused, and who would be if a guard that only reports (enforce: false) enforced. Files of any size are read line by line. A line that is not as it was written ends the report.",
    )
    .argument(
      "<file...>",
      "an audit log or a part of one; - for stdin. Several, such as one of each replica, are added up",
    )
    .option("--days <number>", "count only the lines of the last days", wholeNumber(1, 36_500))
    .option("--json", "print the sums as JSON")
    .addHelpText(
      "after",
      examples(
        "attest report audit.jsonl",
        "attest report --days 7 audit.jsonl.0 audit.jsonl.1",
        "attest report audit.jsonl --json | jq '.refusals[] | select(.enforced | not)'",
      ),
    )
    .addHelpText(
      "after",
      "\nExit status 1: a line is not one of an audit log, was changed, or does not follow the one before.",
    )
    .action(report);
}

async function report(files: readonly string[], { days, json }: ReportOptions): Promise<void> {
  if (files.filter((file) => file === "-").length > 1) throw new UsageError("- can be given once");
  const since = days === undefined ? Number.NEGATIVE_INFINITY : systemClock() - days * DAY;
  // Loaded by those who report, and by nobody who inspects a token.
  const { AuditSummary } = await import("../report/audit-summary.ts");
  const { readAuditLog } = await import("../report/read-audit-log.ts");
  const { showSummary } = await import("../report/show-summary.ts");
  const summary = new AuditSummary();
  let logs = 0;
  for (const file of files) {
    for await (const entry of readAuditLog(file, () => logs++)) {
      // What has no time cannot be left out for its age.
      if (entry.time === null || entry.time >= since) summary.add(entry);
    }
  }
  console.log(json ? printableJson({ logs, ...summary.summary }) : showSummary(summary.summary, logs));
}
