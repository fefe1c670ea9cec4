import { optionError } from "@attest/core";

/** Refuses an option that nobody knows: a misspelt one must not be ignored. */
export function assertKnownOptions(options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw optionError(unknown, `is unknown; there are ${known.join(", ")}`);
}

/** Refuses an option that is given and lacks a method that will be called. */
export function assertMethod(option: string, value: object | undefined, method: string): void {
  if (value !== undefined && typeof (value as Record<string, unknown> | null)?.[method] !== "function") {
    throw optionError(option, `must have a method ${method}`);
  }
}
