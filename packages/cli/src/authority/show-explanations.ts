import type { Explanation } from "@attest/authority/node";
import { paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";

/** A rule a paragraph: whether it admits the evidence, and each check with what it expects and found. */
export function showExplanations(explanations: readonly Explanation[]): string {
  return explanations.map(showOne).join("\n\n");
}

function showOne(one: Explanation): string {
  const verdict = one.admitted ? paint("green", "ADMITS") : paint("red", "REFUSES");
  const lines = [
    `${verdict}  ${printable(one.rule)}${one.default ? " (default)" : ""}, by ${one.evidence} (${one.kind})`,
  ];
  if (one.refused) lines.push(`  evidence  ${printable(one.refused.message)} (${one.refused.code})`);
  if (one.subject !== undefined) lines.push(`  subject   ${printable(one.subject)}`);
  if (one.keyThumbprint !== undefined) lines.push(`  key       only ${printable(one.keyThumbprint)}`);
  for (const { check, holds, expected, found } of one.checks) {
    const mark = holds ? paint("green", "holds") : paint("red", "fails");
    const what = found === undefined ? "nothing is there" : `found ${shown(found)}`;
    lines.push(`  ${mark}     ${printable(check)}: expected ${shown(expected)}, ${what}`);
  }
  return lines.join("\n");
}

function shown(value: unknown): string {
  return printable(JSON.stringify(value).slice(0, 300));
}
