import type { CheckStatus, ConformanceCheck } from "./check.ts";

const SIGNS: Readonly<Record<CheckStatus, string>> = {
  SUCCESS: "✓",
  FAILURE: "✗",
  WARNING: "!",
  SKIPPED: "-",
  INFO: " ",
};

/** The checks as lines, what is wrong with one after it, and how many there are of each status. */
export function linesOf(checks: readonly ConformanceCheck[]): string[] {
  const count = (status: CheckStatus) => checks.filter((check) => check.status === status).length;
  return [
    ...checks.flatMap(({ id, name, status, errorMessage }) => [
      `${SIGNS[status]} ${id}  ${name}`,
      ...(errorMessage === undefined ? [] : [`    ${errorMessage}`]),
    ]),
    `Passed: ${count("SUCCESS")}/${count("SUCCESS") + count("FAILURE")}, ${count("FAILURE")} failed, ${count("WARNING")} warnings, ${count("SKIPPED")} skipped`,
  ];
}

/** Whether checks fail a run: a warning does too. */
export function failed(checks: readonly ConformanceCheck[]): boolean {
  return checks.some(({ status }) => status === "FAILURE" || status === "WARNING");
}
