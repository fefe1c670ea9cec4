import Table from "cli-table3";
import { formatInstant } from "../terminal/duration.ts";
import { columns, paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";
import type { Agent, Counts, Refusal, Summary } from "./audit-summary.ts";

/** Rows of a table for people; machines get all. */
const MAX_SHOWN = 30;
const NO_INNER_LINES = { mid: "", "left-mid": "", "mid-mid": "", "right-mid": "" };

/** A summary for people. @param logs How many logs the lines belong to. */
export function showSummary(summary: Summary, logs: number): string {
  const { lines, from, to, agents, refusals } = summary;
  const span =
    from === undefined || to === undefined
      ? ""
      : `, ${formatInstant(Math.floor(from))} to ${formatInstant(Math.floor(to))}`;
  const heading = `${count(lines)} ${lines === 1 ? "line" : "lines"} of ${count(logs)} ${logs === 1 ? "log" : "logs"}${span}`;
  const parts = [paint("bold", heading), columns(sumsOf(summary))];
  if (agents.length > 0) parts.push(`Agents\n${agentTable(agents)}${rest(agents, summary.omitted.agents, "message")}`);
  const would = refusals.filter(({ enforced }) => !enforced);
  const were = refusals.filter(({ enforced }) => enforced);
  if (would.length > 0) parts.push(`Would be refused\n${refusalTable(would)}${rest(would, 0, "refusal")}`);
  if (were.length > 0) parts.push(`Refused\n${refusalTable(were)}${rest(were, 0, "refusal")}`);
  if (summary.omitted.refusals > 0) {
    parts.push(
      `${count(summary.omitted.refusals)} further refusals are in the sums and in no row: too many different ones.`,
    );
  }
  parts.push(conclusion(summary));
  return parts.join("\n\n");
}

function sumsOf(summary: Summary): [string, string][] {
  const { messages, verified, refused, wouldBeRefused, refusedByHandlers, reportedOnly } = summary;
  const others = messages - verified - refused - wouldBeRefused;
  const rows: [string, number, string][] = [
    ["messages", messages, reportedOnly > 0 ? `, ${count(reportedOnly)} of them only reported (enforce: false)` : ""],
    ["of verified agents", verified, ""],
    ["of nobody verified", others, ", which the policy lets pass"],
    ["would be refused", wouldBeRefused, ""],
    ["refused", refused, ""],
    ["refused by handlers", refusedByHandlers, ""],
  ];
  return rows.map(([label, number, note]) => [label, `${count(number)}${number > 0 ? note : ""}`]);
}

function agentTable(agents: readonly (Agent & Counts)[]): string {
  const table = createTable(["agent", "messages", "verified", "would be refused", "refused", "by handlers"]);
  for (const agent of agents.slice(0, MAX_SHOWN)) {
    const { messages, verified, wouldBeRefused, refused, refusedByHandlers } = agent;
    table.push([nameOf(agent), ...[messages, verified, wouldBeRefused, refused, refusedByHandlers].map(count)]);
  }
  return table.toString();
}

function refusalTable(refusals: readonly Refusal[]): string {
  const table = createTable(["times", "agent", "method", "tool", "code", "by"]);
  for (const refusal of refusals.slice(0, MAX_SHOWN)) {
    const { count: times, method = "–", tool = "–", code, by } = refusal;
    table.push([count(times), nameOf(refusal), ...[method, tool, code, by].map(printable)]);
  }
  return table.toString();
}

function createTable(head: readonly string[]) {
  return new Table({
    head: head.map((title) => paint("bold", title)),
    chars: NO_INNER_LINES,
    style: { head: [], border: [] },
  });
}

/** What a table leaves out. */
function rest(rows: readonly unknown[], omitted: number, of: string): string {
  const hidden = Math.max(0, rows.length - MAX_SHOWN);
  const lines = [
    ...(hidden > 0 ? [`and ${count(hidden)} more rows: --json shows them`] : []),
    ...(omitted > 0 ? [`and ${count(omitted)} ${of}s of others, which are too many to tell apart`] : []),
  ];
  return lines.map((line) => `\n  ${line}`).join("");
}

/** A verified agent by its name; what a client calls itself in quotes, since anybody can say that. */
function nameOf({ subject, client }: Agent): string {
  if (subject !== undefined) return printable(subject);
  return client === undefined ? "unknown" : `client ${JSON.stringify(printable(client))}`;
}

function conclusion({ messages, reportedOnly, wouldBeRefused }: Summary): string {
  if (messages === 0) return "No guard wrote into this log: give its guard the audit log as observer.";
  if (reportedOnly === 0) return "Every guard that wrote into this log enforces.";
  if (wouldBeRefused === 0) return "Nothing would have been refused. You can remove `enforce: false`.";
  return "The rows under Would be refused stop working when you remove `enforce: false`. ERR_ATTESTATION_REQUIRED: this client needs an attestation. Any other code: what it presents is not accepted.";
}

function count(number: number): string {
  return number.toLocaleString("en");
}
