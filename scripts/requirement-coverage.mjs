// Fails when a requirement of spec/requirements.json is cited by no test, or a test or vector cites one that is not there.
// A citation is the ID, in parentheses, in a test's title: `it("refuses batches (M2)", …)`. The vectors of spec/vectors
// name their requirements too; one of them is counted beside the tests, but does not stand in for a test.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const requirements = JSON.parse(readFileSync(join(root, "spec/requirements.json"), "utf8"));
const cited = new Map(Object.keys(requirements).map((id) => [id, 0]));
const unknown = new Set();
let vectors = 0;

for (const area of ["packages", "apps"]) {
  for (const file of readdirSync(join(root, area), { recursive: true, encoding: "utf8" })) {
    if (!/^[^/]+\/test\/[^/]+\.test\.ts$/.test(file)) continue;
    for (const [, ids] of readFileSync(join(root, area, file), "utf8").matchAll(/\(((?:[A-Z]\d+(?:, )?)+)\)/g)) {
      for (const id of ids.split(", ")) {
        if (cited.has(id)) cited.set(id, cited.get(id) + 1);
        else unknown.add(id);
      }
    }
  }
}
for (const file of readdirSync(join(root, "spec/vectors")).filter((name) => name.endsWith(".json"))) {
  for (const vector of JSON.parse(readFileSync(join(root, "spec/vectors", file), "utf8")).vectors) {
    vectors++;
    for (const id of vector.requirements) if (!cited.has(id)) unknown.add(id);
  }
}

const uncited = [...cited].filter(([, count]) => count === 0).map(([id]) => id);
for (const id of uncited) console.error(`${id} (${requirements[id]}) is cited by no test`);
for (const id of unknown) console.error(`${id} is cited by a test or vector and is no requirement`);
if (uncited.length > 0 || unknown.size > 0) process.exit(1);
console.log(`${cited.size} requirements, each cited by at least one test; ${vectors} vectors cite none but these`);
