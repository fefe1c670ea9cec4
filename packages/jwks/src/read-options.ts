import { optionError } from "@attest/core";

/** Refuses what is not an object, and any name that is not known: a misspelt option is one that silently does not hold. */
export function refuseUnknownOptions(options: object, known: ReadonlySet<string>, of: string): void {
  if (typeof options !== "object" || options === null) throw optionError("options", "must be an object");
  const unknown = Object.keys(options).find((name) => !known.has(name));
  if (unknown !== undefined) throw optionError(unknown, `is not an option of ${of}`);
}

/** A whole number within bounds. */
export function wholeNumber(option: string, value: number, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw optionError(option, `must be a whole number from ${least} to ${most}`);
  }
  return value;
}

/** A flag; absent is false. */
export function flag(option: string, value: boolean | undefined): boolean {
  if (value !== undefined && typeof value !== "boolean") throw optionError(option, "must be true or false");
  return value ?? false;
}

/** A function, if there is one. */
export function callable<F>(option: string, value: F | undefined): F | undefined {
  if (value !== undefined && typeof value !== "function") throw optionError(option, "must be a function");
  return value;
}
