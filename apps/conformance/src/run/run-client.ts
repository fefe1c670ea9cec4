import { spawn } from "node:child_process";
import type { ConformanceCheck } from "../check.ts";
import type { ClientScenario, SpecVersion } from "../scenario.ts";

/** How a run of a client is made. */
export interface ClientRunOptions {
  readonly specVersion: SpecVersion;
  /** The longest time for the client, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
}

/** What came of a client's run. */
export interface ClientRun {
  readonly checks: ConformanceCheck[];
  /** The client's status; `undefined` where it took too long and was ended. A status other than 0 fails the run. */
  readonly status: number | undefined;
  /** What it wrote. */
  readonly output: string;
}

/**
 * Runs a scenario on a client, as the conformance suite of MCP does: the command gets the server's URL as its last argument, and in its
 * environment the scenario's name, its context and the version of MCP.
 *
 * @param command The program and its arguments, for a shell.
 */
export async function runClient(
  scenario: ClientScenario,
  command: string,
  { specVersion, timeoutMs = 30_000 }: ClientRunOptions,
): Promise<ClientRun> {
  const { serverUrl, context } = await scenario.start({ specVersion });
  try {
    const ended = await execute(`${command} ${serverUrl}`, timeoutMs, {
      ...process.env,
      MCP_CONFORMANCE_SCENARIO: scenario.name,
      MCP_CONFORMANCE_PROTOCOL_VERSION: specVersion,
      ...(context && { MCP_CONFORMANCE_CONTEXT: JSON.stringify({ name: scenario.name, ...context }) }),
    });
    return { checks: scenario.getChecks(), ...ended };
  } finally {
    await scenario.stop();
  }
}

function execute(
  command: string,
  timeoutMs: number,
  env: NodeJS.ProcessEnv,
): Promise<Pick<ClientRun, "status" | "output">> {
  return new Promise((resolve) => {
    // A group of its own, so that the shell's child ends with it.
    const child = spawn(command, { shell: true, detached: true, stdio: ["ignore", "pipe", "pipe"], env });
    let output = "";
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, timeoutMs);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ status: late ? undefined : (code ?? 1), output });
    });
  });
}
