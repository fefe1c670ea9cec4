import type { AttestationEvent } from "@attest/core";
import type { WrittenConfiguration } from "@attest/gateway/node";
import { answerIsBad, UsageError } from "../exit.ts";
import { logOf, messageOf, untilStopped } from "../service/until-stopped.ts";

/** Runs a gateway until it is told to stop. @throws ConfigurationError; UsageError where it cannot listen. */
export async function runGatewayCommand(source: string | WrittenConfiguration): Promise<void> {
  const { runGateway } = await import("@attest/gateway/node");
  const log = logOf("gateway");
  const running = await runGateway(source, {
    observer: refusals(log),
    onFailure: (failure) => log({ failure }),
    onStderr: (line) => log({ stderr: line }),
    report: (problem) => log({ problem: messageOf(problem) }),
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.syscall === "listen") throw new UsageError(`The gateway cannot listen (${error.code ?? "unknown"})`);
    throw error;
  });
  console.log(running.url.href);
  if (running.adminUrl) log({ admin: running.adminUrl.href });
  await untilStopped(running, log);
}

/** Runs a command behind a guard on stdin and stdout, until the agent or the command ends. @throws ConfigurationError. */
export async function runGuardedCommand(source: string | WrittenConfiguration): Promise<void> {
  const { runGuardedProcess } = await import("@attest/gateway/node");
  const running = await runGuardedProcess(source, { observer: refusals(logOf("gateway")) });
  const stop = () => void running.close();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, stop);
  const byAgent = await running.ended;
  await running.close();
  if (!byAgent) answerIsBad();
  // Stdin may still be open, and nothing reads it any more.
  process.stdin.destroy();
}

/** What is refused, and what became of keys: calls that pass belong into the audit log. */
function refusals(log: (line: object) => void) {
  return {
    onEvent(event: AttestationEvent) {
      if (event.type === "verification" || event.type === "demand") return;
      if (event.type === "guard" && event.action === "forward" && event.code === undefined) return;
      log({ event });
    },
  };
}
