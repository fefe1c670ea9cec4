// Fuzzes for a time: `pnpm --filter @attest/core fuzz --seconds 20 --seed 1`. Without a seed, one is drawn and printed.
import { parseArgs } from "node:util";
import { fuzz } from "../test/fuzz/fuzz.ts";

const { values } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  options: { seconds: { type: "string", default: "20" }, seed: { type: "string" } },
});
const seconds = Number(values.seconds);
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(values.seed);
if (!(seconds > 0) || !Number.isSafeInteger(seed)) {
  console.error("--seconds must be a positive number, --seed an integer");
  process.exit(2);
}

console.info(`seed ${seed}, ${seconds} s`);
const end = performance.now() + seconds * 1000;
const report = await fuzz(seed, () => performance.now() >= end);
for (const failure of report.failures) console.error(failure);
console.info(
  `${report.executions} executions, ${report.agreed} inputs accepted by both sides (${report.verified} attested requests, ${report.verifiedMacs} by a MAC and ${report.verifiedChains} of sub-agents verified), ${report.failures.length} failures`,
);
if (report.failures.length > 0) process.exitCode = 1;
