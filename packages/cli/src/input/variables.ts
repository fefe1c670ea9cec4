import { UsageError } from "../exit.ts";

/**
 * The variables that `--env NAME` and `--env NAME=value` give a command.
 *
 * @throws UsageError for a name that is not in this environment.
 */
export function variables(given: readonly string[]): Record<string, string> {
  return Object.fromEntries(given.map(variable));
}

function variable(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  const value = process.env[text];
  if (value === undefined) throw new UsageError(`--env: there is no environment variable ${text}`);
  return [text, value];
}
