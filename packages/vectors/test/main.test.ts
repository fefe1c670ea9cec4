import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const CORE = fileURLToPath(new URL("../examples/attest-core.mjs", import.meta.url));

const run = (...args: string[]) => spawnSync(process.execPath, [MAIN, ...args], { encoding: "utf8" });

describe("attest-vectors run", () => {
  it("prints a line for each file and their sum, and ends with status 0 where all agree", () => {
    const { status, stdout } = run("run", "--files", "possession,messages", "--", process.execPath, CORE);
    expect(stdout).toMatch(/^possession +3 +0 +0 +0$/m);
    expect(stdout).toMatch(/^17 vectors asked \(100\.0 % with codes\)$/m);
    expect(status).toBe(0);
  });

  it("shows what differs, as much of it as is asked for, and ends with status 1", () => {
    const fool =
      "require('readline').createInterface({input:process.stdin}).on('line',l=>console.log(JSON.stringify({id:JSON.parse(l).id})))";
    const { status, stdout } = run("run", "--files", "digests", "--show", "2", "--", process.execPath, "-e", fool);
    expect(stdout.match(/^digests: /gm)).toHaveLength(2);
    expect(stdout).toMatch(/expected {"digest":/);
    expect(stdout).toMatch(/and 28 more \(--show\)/);
    expect(status).toBe(1);
  });

  it("writes the report as JSON", () => {
    const { stdout } = run("run", "--files", "possession", "--json", "--", process.execPath, CORE);
    expect(JSON.parse(stdout)).toEqual([
      { file: "possession", agrees: 3, code: 0, unsupported: 0, unsupportedIds: [], differences: [] },
    ]);
  });

  it.each([
    [["run"], /Say which command to ask/],
    [[], /Say which command to ask/],
    [["run", "--files", "proof", "--", "x"], /there is no file proof/],
    [["run", "--profile", "small", "--", "x"], /full or constrained, not small/],
    [["run", "--show", "some", "--", "x"], /--show: a whole number, not some/],
    [["run", "--wrong", "--", "x"], /Unknown option '--wrong'/],
    [["run", "--", "no-such-program-anywhere"], /could not be started/],
  ])("held wrongly (%j), says what to do and ends with status 2", (args, problem) => {
    const { status, stderr } = run(...args);
    expect(stderr).toMatch(problem);
    expect(status).toBe(2);
  });
});
