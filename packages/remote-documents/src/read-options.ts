import { optionError } from "@attest/core";

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
