import { EXIT } from "../exit.ts";
import { printable } from "../terminal/printable.ts";

/** Of a configuration, and of a file that it names. Each server's package has classes of its own, so they go by their names. */
const FAULTS: ReadonlySet<unknown> = new Set(["ConfigurationError", "OwnFileError"]);

/** Tells everything that is wrong with a configuration, a line each, and ends with the status of wrong usage. */
export async function wellConfigured(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Error && FAULTS.has(error.name))) throw error;
    for (const line of error.message.split("\n")) console.error(printable(line));
    process.exitCode = EXIT.usage;
  }
}
