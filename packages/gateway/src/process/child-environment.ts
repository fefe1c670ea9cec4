import { optionError } from "@attest/core";

/** What a child inherits: nothing that could be a credential of the gateway's. */
const INHERITED = ["HOME", "LANG", "LOGNAME", "PATH", "SHELL", "SystemRoot", "TEMP", "TERM", "TMP", "TMPDIR", "USER"];

/** The environment of a child: what every program needs, and what is configured. */
export function childEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const inherited = INHERITED.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  return { ...Object.fromEntries(inherited), ...env };
}

/**
 * Refuses variables whose names shells do not pass on: a command is started by one, and would miss them without a word.
 *
 * @throws AttestationError `ERR_OPTION`.
 */
export function checkVariables(option: string, env: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(env)) {
    if (typeof value !== "string") throw optionError(option, "must have texts as values");
    if (!/^[A-Za-z_]\w*$/.test(name) || value.includes("\0")) {
      throw optionError(option, "must have names of letters, digits and _, and values without NUL");
    }
  }
}
