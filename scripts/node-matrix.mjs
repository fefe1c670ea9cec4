// Runs core on every supported line of Node, from the registry's `node` package, and prints a table:
//   node scripts/node-matrix.mjs                 every vector and the whole suite on each
//   node scripts/node-matrix.mjs --suite 22,26   every vector on each, the suite on these only (`none`: on none)
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { allVectors, bundle, core, root } from "./core-selftest-bundles.mjs";

/** The lines of Node that everything must run on, from the oldest that is supported to the newest. */
const NODE_VERSIONS = JSON.parse(readFileSync(join(root, "scripts/node-versions.json"), "utf8"));

/** In the process of each Node: proves what it is given and prints the report. */
if (process.argv[2] === "--here") {
  const { provePlatform } = await import(new URL("../packages/core/.selftest/node/platform.js", import.meta.url).href);
  console.log(JSON.stringify({ node: process.version, ...(await provePlatform(allVectors())) }));
  process.exit(0);
}

const { suite = "all" } = parseArgs({ options: { suite: { type: "string" } } }).values;
const withSuite = suite === "all" ? NODE_VERSIONS : suite === "none" ? [] : suite.split(",").map(Number);
if (!withSuite.every((version) => NODE_VERSIONS.includes(version))) {
  console.error(`--suite takes all, none, or some of ${NODE_VERSIONS.join(",")}`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "node-matrix-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const run = (version, args) =>
  spawnSync("npx", ["--yes", "--package", `node@${version}`, "--", "node", ...args], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });

function vectorsOn(version) {
  const { stdout, stderr } = run(version, ["scripts/node-matrix.mjs", "--here"]);
  try {
    return JSON.parse(stdout);
  } catch {
    return { node: `node@${version}`, vectors: 0, problems: [`could not run: ${stderr.trim().slice(-500)}`] };
  }
}

function suiteOn(version) {
  const outputFile = join(folder, `${version}.json`);
  const { stdout, stderr } = run(version, [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--project",
    "core",
    "--reporter=json",
    `--outputFile=${outputFile}`,
  ]);
  try {
    const { numPassedTests, numTotalTests, testResults } = JSON.parse(readFileSync(outputFile, "utf8"));
    const failed = testResults.flatMap(({ assertionResults, message, status }) => [
      ...assertionResults.filter((test) => test.status === "failed").map((test) => test.fullName),
      ...(status === "failed" && assertionResults.length === 0 ? [message] : []),
    ]);
    if (numTotalTests === 0) failed.push("no test ran");
    return { passed: `${numPassedTests} of ${numTotalTests}`, failed };
  } catch {
    return { passed: "–", failed: [`could not run: ${(stderr || stdout).trim().slice(-500)}`] };
  }
}

bundle();
console.log(`core in ${core}\n`);
console.log("| Node | vectors | suite | seconds |\n|---|---|---|---|");
const failures = [];
for (const version of NODE_VERSIONS) {
  const started = performance.now();
  const { node, vectors, problems } = vectorsOn(version);
  const result = withSuite.includes(version) ? suiteOn(version) : undefined;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(
    `| ${node} | ${problems.length === 0 ? vectors : "FAILED"} | ${result?.passed ?? "not run"} | ${seconds} |`,
  );
  for (const problem of [...problems, ...(result?.failed ?? [])]) failures.push(`${node}: ${problem}`);
}
for (const failure of failures) console.error(failure);
if (failures.length > 0) process.exitCode = 1;
