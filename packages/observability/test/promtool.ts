import { spawnSync } from "node:child_process";

const installed = spawnSync("promtool", ["--version"]).status === 0;

/**
 * Runs promtool, of Debian's package `prometheus`, and returns all that it has to say. Where it is not installed the test
 * is skipped, saying so; with `CI` set it fails.
 */
export function promtool(skip: (note?: string) => never, args: readonly string[], input = ""): string {
  if (!installed) {
    if (process.env["CI"]) throw new Error("promtool is not on PATH; install Debian's package prometheus");
    process.stderr.write("SKIPPED: metrics, alerts and dashboard are not checked by promtool, which is not on PATH\n");
    skip("promtool is not on PATH");
  }
  const { status, stdout, stderr } = spawnSync("promtool", args, { input, encoding: "utf8" });
  if (status !== 0) throw new Error(`promtool ${args.join(" ")} ended with ${status}\n${stdout}${stderr}`);
  return `${stdout}${stderr}`;
}
