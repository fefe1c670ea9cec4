import { optionError } from "@attest/core";

/** Refuses an option that is given and lacks a method that will be called. */
export function assertMethod(option: string, value: object | undefined, method: string): void {
  if (value !== undefined && typeof (value as Record<string, unknown> | null)?.[method] !== "function") {
    throw optionError(option, `must have a method ${method}`);
  }
}
