export const BEGIN = "<!-- neighbours: pnpm exec node scripts/neighbours.mjs --write -->";
export const END = "<!-- /neighbours -->";

const ERAS = { handshake: "handshake", stateless: "2026-07-28" };

/** The tables of servers, of mistakes that are refused at once, and of clients. */
export function tables(rows) {
  const link = ({ title, name, program }) => `[${title}](../neighbours/${name}/${program})`;
  const tested = ({ package: name, version }) => `\`${name}\` ${version}`;
  const servers = rows
    .filter(({ serves }) => serves)
    .map((row) => `| ${link(row)} | ${tested(row)} | ${row.serves.map((era) => ERAS[era]).join(", ")} |`);
  const refused = rows.filter((row) => row.refused).map((row) => `| ${link(row)} | ${tested(row)} |`);
  const clients = rows
    .filter(({ serves, refused }) => !serves && !refused)
    .map((row) => `| ${link(row)} | ${tested(row)} | ${row.types ? "yes" : "through the SDK's own client"} |`);
  return [
    ["| Server | Tested with | Protocol eras |", "|---|---|---|", ...servers].join("\n"),
    ["| Refused at once | Tested with |", "|---|---|", ...refused].join("\n"),
    ["| Client | Tested with | Takes `attestFetch` as its `fetch` |", "|---|---|---|", ...clients].join("\n"),
  ].join("\n\n");
}
