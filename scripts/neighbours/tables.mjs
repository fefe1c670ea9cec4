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

/** The tables of servers, of clients, of both where nobody changed them, and of mistakes: refused at once, or answered with what to write. */
export function tables(rows) {
  const link = ({ title, name, shown }) => `[${title}](../neighbours/${name}/${shown})`;
  const tested = ({ package: name, version }) => `\`${name}\` ${version}`;
  const code = ({ lines }) => lines.map((line) => `\`${line.replaceAll("|", "\\|")}\``).join("<br>");
  const eras = ({ serves }) => serves.map((era) => ERAS[era]).join(", ");
  const servers = rows
    .filter(({ serves, behind }) => serves && !behind)
    .map((row) => `| ${link(row)} | ${tested(row)} | ${eras(row)} | ${code(row)} | \`${row.caller}\` |`);
  const clients = rows
    .filter(
      ({ serves, refused, answers, nextTo, scenarios }) => !serves && !refused && !answers && !nextTo && !scenarios,
    )
    .map((row) => `| ${link(row)} | ${tested(row)} | ${code(row)} |`);
  const mistakes = rows
    .filter(({ refused, answers }) => refused || answers)
    .map((row) => {
      const how = row.refused
        ? `when it is attached: \`ERR_OPTION\`, naming \`${row.refused}\``
        : `with status 500 and the line to write: \`${row.answers}\``;
      return `| ${link(row)} | ${tested(row)} | ${how} |`;
    });
  const behind = rows
    .filter((row) => row.behind)
    .map((row) => `| ${row.title} | ${tested(row)} | ${eras(row)} | \`${row.calls.name}\` |`);
  const nextTo = rows.filter((row) => row.nextTo).map((row) => `| ${link(row)} | ${tested(row)} | ${row.nextTo} |`);
  const suites = rows.filter(({ scenarios }) => scenarios).flatMap((row) => [suiteTable(row, tested(row))]);
  return [
    [
      "| Server | Tested with | Protocol eras | Lines | A tool learns who calls by |",
      "|---|---|---|---|---|",
      ...servers,
    ].join("\n"),
    ["| Client | Tested with | Lines |", "|---|---|---|", ...clients].join("\n"),
    [
      "| Unchanged server, behind `attest gateway` | Tested with | Protocol eras | Called |",
      "|---|---|---|---|",
      ...behind,
    ].join("\n"),
    ["| Unchanged client, through `attest connect` | Tested with | Reaches it over |", "|---|---|---|", ...nextTo].join(
      "\n",
    ),
    ["| Mistake | Tested with | Refused |", "|---|---|---|", ...mistakes].join("\n"),
    ...suites,
  ].join("\n\n");
}

/** What a conformance suite says of one server, plainly and through both. */
function suiteTable({ title, scenarios }, tested) {
  const checks = (passed) => (passed === false ? "failed" : String(passed));
  return [
    `| ${title}, ${tested}: scenario | Checks passed plainly | Through \`attest connect\` and \`attest gateway\` |`,
    "|---|---|---|",
    ...scenarios.map(({ name, plain, through }) => `| ${name} | ${checks(plain)} | ${checks(through)} |`),
  ].join("\n");
}
