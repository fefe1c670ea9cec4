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

/**
 * The tables of servers, of clients, of both where nobody changed them, and of mistakes: refused at once, or answered with what to
 * write.
 *
 * @param document What the document says so far: of a suite that was asked in part, the rest stays.
 */
export function tables(rows, document) {
  const link = ({ title, name, shown }) => `[${title}](../neighbours/${name}/${shown})`;
  // A package under another name says which it is: npm:NAME@VERSION.
  const tested = ({ package: name, version }) =>
    version.replace(/^(?:npm:(.+)@)?(.+)$/, (_, itself = name, number) => `\`${itself}\` ${number}`);
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
  const suites = rows.filter(({ scenarios }) => scenarios).flatMap((row) => [suiteTable(row, tested(row), document)]);
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

/** What a conformance suite says of one server, or of one client, plainly and through both. */
function suiteTable({ title, scenarios, isPart }, tested, document) {
  const checks = (passed) => (passed === false ? "failed" : String(passed));
  const head = `| ${title}, ${tested}: scenario | Checks passed plainly | Through \`attest connect\` and \`attest gateway\` |\n|---|---|---|`;
  const found = new Map(
    scenarios.map(({ name, plain, through }) => [name, `| ${name} | ${checks(plain)} | ${checks(through)} |`]),
  );
  const lines = new Map([...(isPart ? tableLines(document, head) : []), ...found]);
  return [head, ...lines.values()].join("\n");
}

/** The lines of a table in a document, each with its first cell. */
function tableLines(document, head) {
  const [, after = ""] = document.split(`${head}\n`);
  const [table] = after.split("\n\n", 1);
  return [...table.matchAll(/^\| (.+?) \|.*$/gm)].map(([line, cell]) => [cell, line]);
}
