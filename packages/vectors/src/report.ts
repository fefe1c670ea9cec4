import type { FileReport } from "./run-vectors.ts";

const COLUMNS = ["agrees", "code only", "disagrees", "unsupported"] as const;

/**
 * A report for people: a line for each file, their sum, and the first differences.
 *
 * @param show How many differences.
 */
export function tableOf(reports: readonly FileReport[], show: number): string {
  const rows = reports.map((report): [string, number[]] => [report.file, countsOf(report)]);
  const sum = rows.reduce((total, [, counts]) => total.map((value, i) => value + (counts[i] ?? 0)), [0, 0, 0, 0]);
  const asked = sum.reduce((one, other) => one + other, 0) - (sum[3] ?? 0);
  const share = asked === 0 ? "" : ` (${((100 * (sum[0] ?? 0)) / asked).toFixed(1)} % with codes)`;
  const lines = [
    ["", ...COLUMNS],
    ...[...rows, ["in all", sum] as const].map(([name, counts]) => [name, ...counts]),
  ].map(([name, ...cells]) => `${String(name).padEnd(15)}${cells.map((cell) => String(cell).padStart(13)).join("")}`);
  const differences = reports.flatMap(({ file, differences }) =>
    differences.map(({ id, title, verdict, expected, answered }) =>
      [
        `${file}: ${id}${verdict === "code" ? " (code only)" : ""}`,
        `  ${title}`,
        `  expected ${JSON.stringify(expected)}`,
        `  answered ${JSON.stringify(answered)}`,
      ].join("\n"),
    ),
  );
  const shown = differences.slice(0, show);
  const hidden = differences.length - shown.length;
  return `${[...lines, "", `${asked} vectors asked${share}`, ...shown.flatMap((text) => ["", text])].join("\n")}\n${
    hidden > 0 ? `\n… and ${hidden} more (--show)\n` : ""
  }`;
}

function countsOf({ agrees, code, unsupported, differences }: FileReport): number[] {
  return [agrees, code, differences.length - code, unsupported];
}
