import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { FILES, type FileName, readVectors, runVectors } from "@attest/vectors";
import { describe, expect, it } from "vitest";

/** Debian's, as `.ci/run` installs it. */
const PYTHON = "/usr/bin/python3";
const DRIVER = fileURLToPath(new URL("../../../examples/verifier-python/driver.py", import.meta.url));
// `-B`: no compiled files are left next to the sources.
const COMMAND = [PYTHON, "-B", DRIVER] as const;

const isInstalled = (() => {
  try {
    execFileSync(PYTHON, ["-c", "import cryptography"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

interface Verifier {
  readonly tickets?: unknown;
  readonly maxDelegationDepth?: unknown;
  readonly trustedIssuers: readonly { formats?: unknown; statusLists?: unknown; nested?: unknown }[];
}

/** Whether a verifier of the vectors needs what the example leaves out. */
const isLeftOut = ({ tickets, maxDelegationDepth, trustedIssuers }: Verifier) =>
  Boolean(tickets || maxDelegationDepth) ||
  trustedIssuers.some(({ formats, statusLists, nested }) => formats || statusLists || nested);

/** How many vectors of a file the example leaves out. */
function leftOut(file: FileName): number {
  const { verifiers, vectors } = readVectors(file);
  if (["grants", "assertions", "definitions", "guards", "agents"].includes(file)) return vectors.length;
  return vectors.filter(({ verifier }) => verifier && isLeftOut(verifiers?.[verifier as string] as Verifier)).length;
}

describe.runIf(isInstalled || process.env["CI"])("the verifier in Python, written from SPEC.md alone", () => {
  it("agrees with every vector, codes included, and leaves out exactly what its README says", async () => {
    const reports = await runVectors(COMMAND);
    expect(reports.flatMap(({ differences }) => differences)).toEqual([]);
    expect(reports.map(({ file, unsupported }) => [file, unsupported])).toEqual(
      (Object.keys(FILES) as FileName[]).map((file) => [file, leftOut(file)]),
    );
  });

  it("answers all that the constrained profile must answer (SPEC-5.11)", async () => {
    const reports = await runVectors(COMMAND, { profile: "constrained" });
    for (const { file, differences, unsupported } of reports)
      expect([file, differences, unsupported]).toEqual([file, [], 0]);
    expect(reports.reduce((sum, { agrees }) => sum + agrees, 0)).toBeGreaterThan(1200);
  });
});
