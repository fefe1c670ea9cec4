import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

/** The command as it is published. */
export const BIN: string = fileURLToPath(new URL("../dist/main.js", import.meta.url));

if (!existsSync(BIN)) throw new Error("The command is not built: pnpm exec turbo run build --filter @attest/cli");

export const ISSUER = "https://authority.example";
export const AUDIENCE = "https://bank.example/mcp";

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const running = new Set<ChildProcess>();

/** A folder of its own for a test file, removed at its end, as is every command that should have ended and has not. */
export function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "attest-cli-"));
  afterAll(() => {
    for (const child of running) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Runs the command as a user does, in a folder. */
export function attestIn(folder: string): (args: readonly string[], input?: string) => Promise<Run> {
  return (args, input = "") => run(process.execPath, [BIN, ...args], folder, input);
}

/** Runs a shell command in which `attest` is the command. */
export function shellIn(folder: string): (command: string, env?: NodeJS.ProcessEnv) => Promise<Run> {
  const define = `attest() { ${JSON.stringify(process.execPath)} ${JSON.stringify(BIN)} "$@"; }`;
  return (command, env) => run("sh", ["-c", `${define}\n${command}`], folder, "", env);
}

function run(command: string, args: readonly string[], cwd: string, input: string, env = {}): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env } });
    running.add(child);
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      stderr += text;
    });
    child.on("error", reject);
    child.on("close", (status) => {
      running.delete(child);
      resolve({ status, stdout, stderr });
    });
    // A command that reads no stdin may have ended already.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}
