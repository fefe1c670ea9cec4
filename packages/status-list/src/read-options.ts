import { optionError } from "@attest/core";

/** A whole number within bounds. */
export function wholeNumber(option: string, value: number, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw optionError(option, `must be a whole number from ${least} to ${most}`);
  }
  return value;
}

/** A function, if there is one. */
export function callable<F>(option: string, value: F | undefined): F | undefined {
  if (value !== undefined && typeof value !== "function") throw optionError(option, "must be a function");
  return value;
}

/** The name of an issuer. */
export function issuerName(option: string, value: unknown): string {
  if (typeof value === "string" && /^[\x21-\x7e]{1,2048}$/.test(value)) return value;
  throw optionError(option, "must be 1–2048 visible ASCII characters");
}
