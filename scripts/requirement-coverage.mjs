// Fails when a requirement is cited by no test, or a test cites one that is not there. Requirements are the numbered
// sentences of SPEC.md and the threats of spec/requirements.json. A citation is the ID, in parentheses, in a test's title:
// `it("refuses batches (M2, SPEC-4.16)", …)`.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { keywordOf, requirementsIn } from "../spec/conformance/requirements.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const ID = String.raw`(?:SPEC-\d+\.\d+|[A-Z]\d+)`;
const CITATION = new RegExp(String.raw`\((${ID}(?:, ${ID})*)\)`, "g");

const problems = [];
const requirements = new Map(Object.entries(JSON.parse(readFileSync(join(root, "spec/requirements.json"), "utf8"))));
const specification = requirementsIn(readFileSync(join(root, "SPEC.md"), "utf8"));
for (const paragraph of specification.unnumbered) {
  problems.push(`SPEC.md requires something without an ID: ${paragraph.slice(0, 80)}`);
}
for (const { id: number, text } of specification.requirements) {
  const id = `SPEC-${number}`;
  if (requirements.has(id)) problems.push(`${id} is defined twice`);
  if (keywordOf(text) === undefined) problems.push(`${id} requires nothing: it has none of the key words`);
  requirements.set(id, text.length > 100 ? `${text.slice(0, 99)}…` : text);
}

const cited = new Set();
for (const area of ["packages", "apps"]) {
  for (const file of readdirSync(join(root, area), { recursive: true, encoding: "utf8" })) {
    if (!/^[^/]+\/test\/[^/]+\.test\.ts$/.test(file)) continue;
    for (const [, ids] of readFileSync(join(root, area, file), "utf8").matchAll(CITATION)) {
      for (const id of ids.split(", ")) {
        cited.add(id);
        if (!requirements.has(id)) problems.push(`${id} is cited by ${area}/${file} and is no requirement`);
      }
    }
  }
}

// Vectors name their requirements too; that stands in for no test.
const vectors = join(root, "spec/vectors");
for (const file of existsSync(vectors) ? readdirSync(vectors).filter((name) => name.endsWith(".json")) : []) {
  for (const { requirements: ids } of JSON.parse(readFileSync(join(vectors, file), "utf8")).vectors) {
    for (const id of ids)
      if (!requirements.has(id)) problems.push(`${id} is named by spec/vectors/${file} and is no requirement`);
  }
}
for (const [id, text] of requirements) if (!cited.has(id)) problems.push(`${id} (${text}) is cited by no test`);

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`${requirements.size} requirements, each cited by at least one test`);
