import { readFileSync } from "node:fs";
import { join } from "node:path";
import NODE_VERSIONS from "../../../scripts/node-versions.json" with { type: "json" };
import { FUZZ_EXECUTIONS } from "./fuzz/amount.ts";
import { countEdits } from "./mutations/try-edits.ts";
import {
  authorizationVectors,
  definitionVectors,
  digestVectors,
  grantVectors,
  isNegative,
  keyVectors,
  messageVectors,
  othersVectors,
  possessionVectors,
  VECTOR_FILES,
  VECTORS_FOLDER,
} from "./vectors/vector.ts";

export const README: string = join(VECTORS_FOLDER, "../../packages/core/README.md");

const BEGIN = "<!-- counts: pnpm --filter @attest/core counts --write -->";
const END = "<!-- /counts -->";

/** The table of what this package is proved by, counted. */
export async function countsTable(): Promise<string> {
  const presented = VECTOR_FILES.flatMap(({ vectors }) => vectors);
  const keys = keyVectors();
  const refusals =
    presented.filter(isNegative).length + keys.filter(({ expected }) => expected.outcome === "refused").length;
  const others = [
    definitionVectors(),
    digestVectors(),
    messageVectors(),
    possessionVectors(),
    authorizationVectors(),
    grantVectors(),
    othersVectors(),
  ].flat();
  const vectors = presented.length + keys.length + others.length;
  const number = (count: number) => count.toLocaleString("en");
  return [
    "| | |",
    "|---|---|",
    `| Test vectors in spec/vectors | ${number(vectors)}, of which ${number(refusals)} are refusals with their code |`,
    `| Single-character edits of one attestation, one proof, one MAC proof and one link | ${number(await countEdits())}, of which 0 are accepted |`,
    `| Fuzz executions against a plain strict decoder | ${number(FUZZ_EXECUTIONS)} in every run of the tests, and a timed run from a new seed |`,
    `| The vectors and a smoke test, as built, on | Node ${NODE_VERSIONS.join(", ")}; Chromium; workerd |`,
  ].join("\n");
}

/** The README with the table in its place. */
export function withCounts(readme: string, table: string): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error("The README has no place for the counts");
  return `${readme.slice(0, begin + BEGIN.length)}\n${table}\n${readme.slice(end)}`;
}

export const readReadme = (): string => readFileSync(README, "utf8");
