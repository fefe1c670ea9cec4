export const BEGIN = "<!-- neighbours: pnpm exec node scripts/neighbours.mjs --write -->";
export const END = "<!-- /neighbours -->";

const ERAS = { handshake: "handshake", stateless: "2026-07-28" };

/** The lines of a program that a user of its framework adds. */
export function attestLines(source) {
  return source
    .split("\n")
    .filter((line) => line.endsWith("// @attest"))
    .map((line) => line.replace(/\s*\/\/ @attest$/, "").trim());
}

/** The tables of servers, of clients, and of mistakes: refused at once, or answered with what to write. */
export function tables(rows) {
  const link = ({ title, name, shown }) => `[${title}](../neighbours/${name}/${shown})`;
  const tested = ({ package: name, version }) => `\`${name}\` ${version}`;
  const code = ({ lines }) => lines.map((line) => `\`${line.replaceAll("|", "\\|")}\``).join("<br>");
  const eras = ({ serves }) => serves.map((era) => ERAS[era]).join(", ");
  const servers = rows
    .filter(({ serves }) => serves)
    .map((row) => `| ${link(row)} | ${tested(row)} | ${eras(row)} | ${code(row)} | \`${row.caller}\` |`);
  const clients = rows
    .filter(({ serves, refused, answers }) => !serves && !refused && !answers)
    .map((row) => `| ${link(row)} | ${tested(row)} | ${code(row)} |`);
  const mistakes = rows
    .filter(({ refused, answers }) => refused || answers)
    .map((row) => {
      const how = row.refused
        ? `when it is attached: \`ERR_OPTION\`, naming \`${row.refused}\``
        : `with status 500 and the line to write: \`${row.answers}\``;
      return `| ${link(row)} | ${tested(row)} | ${how} |`;
    });
  return [
    [
      "| Server | Tested with | Protocol eras | Lines | A tool learns who calls by |",
      "|---|---|---|---|---|",
      ...servers,
    ].join("\n"),
    ["| Client | Tested with | Lines |", "|---|---|---|", ...clients].join("\n"),
    ["| Mistake | Tested with | Refused |", "|---|---|---|", ...mistakes].join("\n"),
  ].join("\n\n");
}
