// Prints the counts that the README publishes; with --write, puts them there.
import { writeFileSync } from "node:fs";
import { countsTable, README, readReadme, withCounts } from "../test/published-counts.ts";

const table = await countsTable();
console.info(table);
if (process.argv.includes("--write")) writeFileSync(README, withCounts(readReadme(), table));
