/** What has been said already. */
const said = new Set<string>();

/**
 * Says once per process that the guard is attached wrongly. It goes to the process's warnings, where the platform has
 * them, so that it appears without any observer and can be handled like every other warning; else to the console.
 *
 * @param code Names the mistake: `ATTEST_…`.
 */
export function warnOnce(code: string, message: string): void {
  if (said.has(code)) return;
  said.add(code);
  const { process } = globalThis as { process?: { emitWarning?: (message: string, options: object) => void } };
  if (typeof process?.emitWarning === "function") process.emitWarning(message, { type: "AttestWarning", code });
  // biome-ignore lint/suspicious/noConsole: the only channel of a platform without process warnings
  else console.warn(`${code}: ${message}`);
}
