import type { AttestationEvent } from "@attest/core";
import { UsageError } from "../exit.ts";

/** Runs an authority until it is told to stop. @throws ConfigurationError; UsageError where it cannot listen. */
export async function runAuthorityCommand(config: string): Promise<void> {
  const { ConfigurationError, runAuthority } = await import("@attest/authority/node");
  const log = (line: object): void => {
    process.stderr.write(`${JSON.stringify({ source: "authority", ...line })}\n`);
  };
  const observer = {
    onEvent(event: AttestationEvent) {
      // Issuances are recorded with who got them; verifications are none of an authority's.
      if (event.type !== "issuance") log({ event });
    },
  };
  const report = (problem: unknown) => log({ problem: messageOf(problem) });
  const running = await runAuthority(config, { observer, report, onRecord: (record) => log({ record }) }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.syscall === "listen") throw new UsageError(`${config}: cannot listen (${error.code ?? "unknown"})`);
      throw error;
    },
  );
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const reload = () => {
    running.reload().then(
      () => log({ reload: "done" }),
      (error: unknown) => {
        const problems = error instanceof ConfigurationError ? error.problems : [{ message: messageOf(error) }];
        log({ reload: "failed", problems });
      },
    );
  };
  process.on("SIGHUP", reload);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
  console.log(running.url.href);
  if (running.adminUrl) log({ admin: running.adminUrl.href });
  await stopped;
  process.off("SIGHUP", reload);
  await running.close();
}

/** What an error says itself. What caused it could hold more than belongs into a log. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? `${code}: ${error.message}` : error.message;
}
