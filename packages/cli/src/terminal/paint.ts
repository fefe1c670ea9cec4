import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** Text in colour where stdout is a terminal that wants it: `styleText` honours `NO_COLOR`, `FORCE_COLOR` and redirection. */
export function paint(format: Format, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return styleText(format, text, { stream });
}

/** Rows of a label and a text, in two columns. Texts from elsewhere must be `printable` already. */
export function columns(rows: readonly (readonly [label: string, text: string])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, text]) => `  ${paint("dim", label.padEnd(width))}  ${text}`).join("\n");
}
