import { optionError } from "./errors.ts";

/**
 * Refuses an option that is not one of those known: a misspelt option is one that silently does not hold. For every
 * package's constructors.
 *
 * @param of What the options are for, as a person would say it: "a verifier".
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function refuseUnknownOptions(options: object, known: readonly string[], of: string): void {
  if (typeof options !== "object" || options === null) throw optionError("options", `of ${of} must be an object`);
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw optionError(unknown, `is not an option of ${of}`);
}
