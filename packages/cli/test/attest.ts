import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
 * Runs the command in a folder, in a thread: the published program with arguments, streams, environment and exit status of
 * its own, on modules that are loaded once for a test file. Threads share the folder they work in: a test file has one.
 *
 * At the end of the file, each thread must end by itself: a command that leaves something open fails the file.
 */
export function attestIn(folder: string): (args: readonly string[], input?: string) => Promise<Run> {
  process.chdir(folder);
  const script = new URL("./command-thread.mjs", import.meta.url);
  const threads = new Set<Worker>();
  const idle: Worker[] = [];
  afterAll(async () => {
    const ended = [...threads].map((thread) => new Promise((resolve) => thread.once("exit", resolve)));
    for (const thread of threads) thread.postMessage(undefined);
    await Promise.all(ended);
  }, 10_000);

  function start(): Worker {
    // Without the arguments of this process: tests run on the sources, the command on what was built.
    const thread = new Worker(script, { execArgv: [], workerData: BIN });
    threads.add(thread);
    running.add(thread);
    thread.once("exit", () => {
      threads.delete(thread);
      running.delete(thread);
    });
    return thread;
  }

  return async (args, input = "") => {
    const thread = idle.pop() ?? start();
    const ended = new Promise<Run>((resolve, reject) => {
      const cut = () => reject(new Error("The command's thread ended before the command did"));
      thread.once("error", reject).once("exit", cut);
      thread.once("message", (run: Run) => {
        thread.off("error", reject).off("exit", cut);
        idle.push(thread);
        resolve(run);
      });
    });
    thread.postMessage({ args, input, env: { ...process.env } });
    return ended;
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
