import { Driver, type DriverOptions } from "./driver.ts";
import { type Judgement, judge } from "./judge.ts";
import { isConstrained, type Profile } from "./profile.ts";
import { FILES, type FileName, readVectors } from "./vector.ts";

/** Options of a run. */
export interface RunOptions extends DriverOptions {
  /** Files to ask about. Default: all. */
  readonly files?: readonly FileName[];
  /** `constrained` asks only what the constrained profile of SPEC §5 must answer. Default `full`. */
  readonly profile?: Profile;
}

/** How an implementation did on the vectors of one file. */
export interface FileReport {
  /** The name of the file, without `.json`. */
  readonly file: FileName;
  /** Vectors on which it agrees in everything. */
  readonly agrees: number;
  /** Vectors where everything agrees but the code. */
  readonly code: number;
  /** Vectors of which the driver said that the implementation does not do this. */
  readonly unsupported: number;
  /** Which those are. */
  readonly unsupportedIds: readonly string[];
  /** Those on which it disagrees, or agrees but for the code. */
  readonly differences: readonly (Judgement & { readonly id: string; readonly title: string })[];
}

/**
 * Asks a driver about every vector, one after another.
 *
 * @param command The driver: a program and its arguments. README.md describes what it reads and writes.
 * @param options What is asked, and for how long. Default: every vector.
 * @throws DriverError if it ends, answers out of form, or takes too long.
 */
export async function runVectors(
  command: readonly [string, ...string[]],
  { files = Object.keys(FILES) as FileName[], profile = "full", ...options }: RunOptions = {},
): Promise<FileReport[]> {
  const driver = new Driver(command, options);
  const ask = driver.ask.bind(driver);
  const reports: FileReport[] = [];
  try {
    for (const file of files) {
      const { verifiers, vectors } = readVectors(file);
      const counts = { agrees: 0, code: 0, unsupported: 0, disagrees: 0 };
      const differences: FileReport["differences"][number][] = [];
      const unsupportedIds: string[] = [];
      for (const vector of vectors) {
        const verifier = verifiers?.[vector["verifier"] as string];
        if (profile === "constrained" && !isConstrained(file, vector, verifier)) continue;
        const judgement = await judge(file, vector, verifier, ask);
        counts[judgement.verdict]++;
        const { id, title } = vector;
        if (judgement.verdict === "unsupported") unsupportedIds.push(id);
        if (judgement.verdict === "code" || judgement.verdict === "disagrees")
          differences.push({ id, title, ...judgement });
      }
      const { agrees, code, unsupported } = counts;
      reports.push({ file, agrees, code, unsupported, unsupportedIds, differences });
    }
  } finally {
    driver.stop();
  }
  return reports;
}
