import { optionError } from "./errors.ts";
import { nearestName } from "./nearest-name.ts";

/** The name of every option of `T`. As a record, so that the compiler misses none. */
export type OptionNames<T> = Readonly<Record<T extends unknown ? keyof T : never, true>>;

/**
 * Refuses an option that is not one of those known: a misspelt option is one that silently does not hold. For every
 * package's constructors.
 *
 * @param options What the caller passed.
 * @param known The names, as `OptionNames` of the options' type.
 * @param of What the options are for, as a person would say it: "a verifier".
 * @throws AttestationError `ERR_OPTION`, naming the option and the known one that is nearest to it.
 */
export function refuseUnknownOptions(options: object, known: Readonly<Record<string, true>>, of: string): void {
  if (typeof options !== "object" || options === null) throw optionError("options", `of ${of} must be an object`);
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
  if (unknown === undefined) return;
  const names = Object.keys(known);
  const nearest = nearestName(unknown, names);
  const hint = nearest === undefined ? `known are ${names.join(", ")}` : `did you mean ${nearest}?`;
  throw optionError(unknown, `is not an option of ${of}: ${hint}`);
}

/**
 * A whole number within bounds, both included.
 *
 * @param option The option's name, for the message.
 * @param value What the caller passed.
 * @param least The least value that is accepted.
 * @param most The greatest value that is accepted.
 * @param what What it counts, for the message. Default "a whole number".
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function wholeNumber(
  option: string,
  value: number,
  least: number,
  most: number,
  what = "a whole number",
): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw optionError(option, `must be ${what} from ${least} to ${most}`);
}

/**
 * Whole seconds within bounds, both included.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function wholeSeconds(option: string, value: number, least: number, most: number): number {
  return wholeNumber(option, value, least, most, "whole seconds");
}

/**
 * A boolean; `undefined` is false.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function flag(option: string, value: boolean | undefined): boolean {
  if (value !== undefined && typeof value !== "boolean") throw optionError(option, "must be true or false");
  return value ?? false;
}

/**
 * A function, or `undefined`.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function callable<F>(option: string, value: F | undefined): F | undefined {
  if (value !== undefined && typeof value !== "function") throw optionError(option, "must be a function");
  return value;
}

/**
 * One of a closed list of values.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option and the values.
 */
export function oneOf<const T extends string>(option: string, value: unknown, values: readonly T[]): T {
  const found = values.find((candidate) => candidate === value);
  if (found === undefined) throw optionError(option, `must be one of ${values.join(", ")}`);
  return found;
}
