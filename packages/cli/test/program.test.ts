import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { attestIn, attestProcessIn, shellIn, workFolder } from "./attest.ts";

const folder = workFolder();
const attest = attestIn(folder);
const attestProcess = attestProcessIn(folder);
const shell = shellIn(folder);
const COMMANDS = [
  "keygen",
  "ticket-ring",
  "generate",
  "prove",
  "delegate",
  "verify",
  "inspect",
  "attack",
  "doctor",
  "report",
  "request",
  "serve-jwks",
  "revoke",
  "status",
  "serve-status",
  "gateway",
  "gateway-schema",
  "connect",
];

it("tells its version", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  expect(await attestProcess(["--version"])).toEqual({ status: 0, stdout: `${version}\n`, stderr: "" });
});

it("lists every command in its help", async () => {
  const { status, stdout } = await attest(["--help"]);
  expect(status).toBe(0);
  for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
});

it.each(COMMANDS)("shows in the help of %s how it is used, with examples", async (command) => {
  const { status, stdout } = await attest([command, "--help"]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/Examples:\n {2}attest /);
});

it.each([
  ["no command", []],
  ["an unknown command", ["atest"]],
  ["a missing option", ["verify", "token"]],
  ["a missing argument", ["inspect"]],
  ["an argument too many", ["keygen", "key.json"]],
])("takes %s for wrong usage, told on stderr", async (_, args) => {
  const { status, stdout, stderr } = await attestProcess(args);
  expect(status).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).not.toBe("");
});

it("is not disturbed by a reader that has seen enough", async () => {
  const { stderr } = await shell("attest generate --help | true; attest --help | head -n 1");
  expect(stderr).toBe("");
});

const hasTerminals = (() => {
  try {
    execFileSync("script", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

it.skipIf(!hasTerminals)("is coloured on a terminal that wants it, and nowhere else", async () => {
  const inTerminal = `script --quiet --command "${process.execPath} '${new URL("../dist/main.js", import.meta.url).pathname}' inspect x" /dev/null`;
  const terminal = { TERM: "xterm", NO_COLOR: undefined, FORCE_COLOR: undefined, CI: undefined };
  expect((await shell(inTerminal, terminal)).stdout).toContain("\u001b[");
  expect((await shell(inTerminal, { ...terminal, NO_COLOR: "1" })).stdout).not.toContain("\u001b[");
  expect((await attest(["inspect", "x"])).stdout).not.toContain("\u001b[");
});
