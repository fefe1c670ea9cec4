import type { AttestationEvent } from "@attest/core";
import { UsageError } from "../exit.ts";
import { logOf, messageOf, untilStopped } from "../service/until-stopped.ts";

/** Runs an authority until it is told to stop. @throws ConfigurationError; UsageError where it cannot listen. */
export async function runAuthorityCommand(config: string): Promise<void> {
  const { runAuthority } = await import("@attest/authority/node");
  const log = logOf("authority");
  const observer = {
    onEvent(event: AttestationEvent) {
      // Issuances are recorded with who got them; verifications are not an authority's.
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
  console.log(running.url.href);
  if (running.adminUrl) log({ admin: running.adminUrl.href });
  await untilStopped(running, log);
}
