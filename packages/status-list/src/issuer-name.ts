import { optionError } from "@attest/core";

/**
 * The name of an issuer.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function issuerName(option: string, value: unknown): string {
  if (typeof value === "string" && /^[\x21-\x7e]{1,2048}$/.test(value)) return value;
  throw optionError(option, "must be 1–2048 visible ASCII characters");
}
