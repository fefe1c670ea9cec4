import { styleText } from "node:util";

/**
 * Text in colour, where a stream is a terminal that shows colours and wants them (`NO_COLOR`, `TERM=dumb`).
 *
 * It is decided here, since `styleText` of Node 20 colours lists of formats whatever the stream is.
 */
export function paint(
  format: Parameters<typeof styleText>[0],
  text: string,
  stream: NodeJS.WriteStream = process.stdout,
): string {
  const coloured = stream.isTTY === true && stream.hasColors();
  return coloured ? styleText(format, text, { validateStream: false }) : text;
}

/** Rows of a label and a text, in two columns. Texts from elsewhere must be `printable` already. */
export function columns(rows: readonly (readonly [label: string, text: string])[]): string {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, text]) => `  ${paint("dim", label.padEnd(width))}  ${text}`).join("\n");
}
