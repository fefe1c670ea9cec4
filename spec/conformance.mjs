// Writes spec/conformance/sep-agent-attestation.yaml: every MUST and SHOULD of SPEC.md with the check that shows it, or the reason
// why none does, in the form that the conformance suite of the Model Context Protocol keeps for each of its SEPs.
// Usage: node spec/conformance.mjs [--check]   (--check: change nothing, fail if the file would change)
//
// What shows a requirement stands in spec/conformance/checks.json, and in the vectors that name it; why nothing does, in
// spec/conformance/exclusions.json. Each requirement must be in exactly one of them.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { keywordOf, requirementsIn } from "./conformance/requirements.mjs";
import { isSelected } from "./conformance/select.mjs";

const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
const FILE = new URL("conformance/sep-agent-attestation.yaml", import.meta.url);

const checks = JSON.parse(read("conformance/checks.json"));
const excluded = new Map(
  JSON.parse(read("conformance/exclusions.json")).flatMap(({ reason, requirements }) =>
    requirements.map((id) => [id, reason]),
  ),
);
const files = readdirSync(new URL("vectors/", import.meta.url))
  .filter((name) => name.endsWith(".json"))
  .map((name) => ({ file: name.slice(0, -5), vectors: JSON.parse(read(`vectors/${name}`)).vectors }));
const { requirements } = requirementsIn(read("../SPEC.md"));

const problems = [];
for (const id of new Set([...Object.keys(checks), ...excluded.keys()])) {
  const text = requirements.find((requirement) => requirement.id === id)?.text;
  if (text === undefined || keywordOf(text) === "MAY") problems.push(`SPEC-${id} requires nothing: leave it out`);
}
for (const [id, { vectors = [] }] of Object.entries(checks)) {
  for (const selector of vectors) {
    const some = files.some(({ file, vectors: all }) => all.some((vector) => isSelected(selector, file, vector)));
    if (!some) problems.push(`SPEC-${id}: no vector is selected by ${selector}`);
  }
}

const rows = [];
const exclusions = [];
for (const { id, text, anchor } of requirements) {
  if (keywordOf(text) === "MAY") continue;
  const shown = shownBy(id);
  const reason = excluded.get(id);
  if (shown.length > 0 === (reason !== undefined)) {
    problems.push(
      `SPEC-${id} ${reason ? "is excluded, and something shows it" : "is not excluded, and nothing shows it"}`,
    );
  }
  const url = `    url: SPEC.md#${anchor}`;
  if (reason === undefined) {
    const check = `  - check: sep-agent-attestation-${id.replace(".", "-")} # ${shown.join("; ")}`;
    rows.push(check, `    text: ${quoted(text)}`, url);
  } else exclusions.push(`  - text: ${quoted(text)}`, `    excluded: ${quoted(reason)}`, url);
}
if (problems.length > 0) {
  for (const problem of problems) console.error(problem);
  process.exit(1);
}

const yaml = `# Made by node spec/conformance.mjs. Behind each check stands what shows it; README.md says how.
sep: agent-attestation
spec_url: SPEC.md
requirements:
${rows.join("\n")}

${exclusions.join("\n")}
`;
if (!process.argv.includes("--check")) writeFileSync(FILE, yaml);
else if (readFileSync(FILE, "utf8") !== yaml) {
  console.error("sep-agent-attestation.yaml is not what the requirements make it; run: node spec/conformance.mjs");
  process.exit(1);
}
console.log(`${rows.length / 3} requirements with a check, ${exclusions.length / 3} excluded`);

/** What shows a requirement, for people. */
function shownBy(id) {
  const { vectors = [], attacks = [], scenarios = [] } = checks[id] ?? {};
  const named = files.filter(({ vectors: all }) => all.some((vector) => vector.requirements.includes(`SPEC-${id}`)));
  const from = new Set([...named.map(({ file }) => file), ...vectors.map((selector) => selector.split(/[:~]/)[0])]);
  return [
    ["vectors", [...from].sort()],
    ["attacks", attacks],
    ["scenarios", scenarios],
  ].flatMap(([what, names]) => (names.length > 0 ? [`${what}: ${names.join(", ")}`] : []));
}

function quoted(text) {
  return `'${text.replaceAll("'", "''")}'`;
}
