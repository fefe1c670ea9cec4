import {
  countEdits
} from "./chunk-LDJP6PRP.js";
import {
  VECTORS_FOLDER,
  VECTOR_FILES,
  authorizationVectors,
  digestVectors,
  grantVectors,
  isNegative,
  keyVectors,
  messageVectors,
  possessionVectors
} from "./chunk-BHSXX57O.js";

// proof/counts.ts
import { writeFileSync } from "fs";

// test/published-counts.ts
import { readFileSync } from "fs";
import { join } from "path";

// ../../scripts/node-versions.json
var node_versions_default = [20, 22, 24, 26];

// test/fuzz/amount.ts
var FUZZ_EXECUTIONS = 5e3;

// test/published-counts.ts
var README = join(VECTORS_FOLDER, "../../packages/core/README.md");
var BEGIN = "<!-- counts: pnpm --filter @attest/core counts --write -->";
var END = "<!-- /counts -->";
async function countsTable() {
  const presented = VECTOR_FILES.flatMap(({ vectors: vectors2 }) => vectors2);
  const keys = keyVectors();
  const refusals = presented.filter(isNegative).length + keys.filter(({ expected }) => expected.outcome === "refused").length;
  const others = [
    digestVectors(),
    messageVectors(),
    possessionVectors(),
    authorizationVectors(),
    grantVectors()
  ].flat();
  const vectors = presented.length + keys.length + others.length;
  const number = (count) => count.toLocaleString("en");
  return [
    "| | |",
    "|---|---|",
    `| Test vectors in spec/vectors | ${number(vectors)}, of which ${number(refusals)} are refusals with their code |`,
    `| Single-character edits of one attestation, one proof and one MAC proof | ${number(await countEdits())}, of which 0 are accepted |`,
    `| Fuzz executions against a plain strict decoder | ${number(FUZZ_EXECUTIONS)} in every run of the tests, and a timed run from a new seed |`,
    `| The vectors and a smoke test, as built, on | Node ${node_versions_default.join(", ")}; Chromium; workerd |`
  ].join("\n");
}
function withCounts(readme, table2) {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error("The README has no place for the counts");
  return `${readme.slice(0, begin + BEGIN.length)}
${table2}
${readme.slice(end)}`;
}
var readReadme = () => readFileSync(README, "utf8");

// proof/counts.ts
var table = await countsTable();
console.info(table);
if (process.argv.includes("--write")) writeFileSync(README, withCounts(readReadme(), table));
//# sourceMappingURL=counts.js.map