import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
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

const running = new Set<ChildProcess | Worker>();

/** A folder of its own for a test file, removed at its end, as is every command that should have ended and has not. */
export function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "attest-cli-"));
  afterAll(() => {
    for (const one of running) one instanceof Worker ? void one.terminate() : one.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** Runs the command as a user does, in a folder: in a process of its own. @param node Options for Node itself. */
export function attestProcessIn(
  folder: string,
  node: readonly string[] = [],
): (args: readonly string[], input?: string) => Promise<Run> {
  return (args, input = "") => run(process.execPath, [...node, BIN, ...args], folder, input);
}

/**
 * Runs the command in a folder, in a thread: the published program with its own modules, arguments, streams and exit
 * status, in half the time of a process. Threads share the folder they work in: a test file has one.
 */
export function attestIn(folder: string): (args: readonly string[], input?: string) => Promise<Run> {
  process.chdir(folder);
  const script = new URL("./command-thread.mjs", import.meta.url);
  return async (args, input = "") => {
    const workerData = { program: BIN, input };
    // Without the arguments of this process: tests run on the sources, the command on what was built.
    const thread = new Worker(script, { argv: [...args], execArgv: [], stdout: true, stderr: true, workerData });
    running.add(thread);
    const ended = new Promise<number>((resolve, reject) => thread.once("error", reject).once("exit", resolve));
    const [stdout, stderr, status] = await Promise.all([text(thread.stdout), text(thread.stderr), ended]);
    running.delete(thread);
    return { status, stdout, stderr };
  };
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
