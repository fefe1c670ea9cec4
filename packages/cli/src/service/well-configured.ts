import { EXIT } from "../exit.ts";
import { printable } from "../terminal/printable.ts";

/** Tells everything that is wrong with a configuration, a line each, and ends with the status of wrong usage. */
export async function wellConfigured(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    // Each server's package has the class of its own.
    if (!(error instanceof Error && error.name === "ConfigurationError")) throw error;
    for (const line of error.message.split("\n")) console.error(printable(line));
    process.exitCode = EXIT.usage;
  }
}
