import { type Observer, systemClock } from "@attest/core";
import { ConfigurationError } from "@attest/service";
import {
  openServer,
  openStores,
  openVerifier,
  readGateway,
  serversOf,
  type WrittenConfiguration,
} from "../configuration/open-parts.ts";
import { type GuardedProcess, guardProcess } from "../process/guard-process.ts";

/**
 * Runs the command of a configuration behind a guard, for one agent on stdin and stdout: what a host starts in the place of the
 * server.
 *
 * @throws ConfigurationError, also if the configuration has not exactly one server, and it a command.
 */
export async function runGuardedProcess(
  source: string | WrittenConfiguration,
  { observer = {} }: { readonly observer?: Observer } = {},
): Promise<GuardedProcess> {
  const read = await readGateway(source);
  const clock = systemClock;
  const [entry, ...others] = serversOf(read.configuration);
  if (!entry || others.length > 0 || !("command" in entry[1].upstream)) {
    throw new ConfigurationError(read.file, [{ place: "upstream", message: "must be one server with a command" }]);
  }
  const stores = await openStores(read, { clock, observer });
  const trusted = await openVerifier(read, { ...stores, clock, observer });
  const close = async () => {
    await trusted.close();
    stores.close();
  };
  try {
    await trusted.verifier.ready();
    const none = { onFailure: () => {}, onStderr: () => {} };
    const { guard, demands, hideUnmet, upstream } = await openServer(read, entry[1], {
      verifier: trusted.verifier,
      secrets: stores.secrets,
      ...none,
    });
    const { command, args, env } = upstream as {
      command: string;
      args: readonly string[];
      env?: Record<string, string>;
    };
    const running = guardProcess({
      guard,
      command,
      args,
      ...(env && { env }),
      ...(demands && { demands }),
      ...(hideUnmet !== undefined && { hideUnmet }),
    });
    running.ended.then(close);
    return running;
  } catch (error) {
    await close();
    throw error;
  }
}
