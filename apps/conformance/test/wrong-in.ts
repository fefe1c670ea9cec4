import type { ConformanceCheck } from "../src/check.ts";

/** What is wrong, a line each. */
export function wrongIn(checks: readonly ConformanceCheck[]): string[] {
  return checks
    .filter(({ status }) => status === "FAILURE" || status === "WARNING")
    .map(({ id, name, errorMessage }) => `${id}: ${name}: ${errorMessage}`);
}

/** The requirements that something is wrong with, in their order and once each, without what could not be tried. */
export function brokenIn(checks: readonly ConformanceCheck[]): string[] {
  const found = checks.filter(({ status, details }) => status === "FAILURE" && details?.["untestable"] !== true);
  return [...new Set(found.map(({ specReferences }) => specReferences?.[0]?.id ?? ""))];
}
