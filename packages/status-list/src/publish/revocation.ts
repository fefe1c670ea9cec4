import { optionError, refuseUnknownOptions } from "@attest/core";
import type { Decide } from "./register-journal.ts";
import type { Revocable, StatusRegister } from "./status-register.ts";

/** What is revoked: a key by its RFC 7638 thumbprint, a workload with all of its keys, or the key with an index. */
export type Revocation =
  | Revocable
  | {
      /** An index in use: the key that has it is revoked, as by its thumbprint. */
      readonly idx: number;
      readonly key?: never;
      readonly workload?: never;
    };

/** Decides a revocation against a register. @throws AttestationError `ERR_OPTION`, as does the decision for an unknown index. */
export function decideRevocation(revocation: Revocation, now: () => number): Decide<readonly number[]> {
  const target = readRevocation(revocation);
  return (register) => {
    const revoked = "idx" in target ? keyAt(register, target.idx) : target;
    const at = now();
    return { changes: [{ revoke: revoked, at }], result: register.concerned(revoked, at) };
  };
}

/** Decides that something may be attested again. @throws AttestationError `ERR_OPTION`. */
export function decideReinstatement(revocable: Revocable): Decide<void> {
  const reinstate = readRevocation(revocable);
  if ("idx" in reinstate) throw optionError("revocable", "must have a key or a workload");
  return () => ({ changes: [{ reinstate }], result: undefined });
}

function keyAt(register: StatusRegister, idx: number): Revocable {
  const key = register.keyOf(idx);
  if (key === undefined) throw optionError("idx", "must be an index in use");
  return { key };
}

function readRevocation(revocation: Revocation): Revocable | { readonly idx: number } {
  refuseUnknownOptions(revocation, { key: true, workload: true, idx: true }, "a revocation");
  const { key, workload, idx } = revocation as { key?: string; workload?: string; idx?: number };
  if ([key, workload, idx].filter((each) => each !== undefined).length !== 1) {
    throw optionError("revocation", "must have either key, workload or idx");
  }
  if (idx !== undefined) return { idx };
  return key === undefined ? { workload: workloadName(workload) } : { key: thumbprint("key", key) };
}

/** @throws AttestationError `ERR_OPTION`. */
export function thumbprint(option: string, value: unknown): string {
  if (typeof value === "string" && /^[A-Za-z0-9_-]{43}$/.test(value)) return value;
  throw optionError(option, "must be an RFC 7638 SHA-256 thumbprint in base64url");
}

/** @throws AttestationError `ERR_OPTION`. */
export function workloadName(value: unknown): string {
  if (typeof value === "string" && value.length >= 1 && value.length <= 2048 && value.isWellFormed()) return value;
  throw optionError("workload", "must be a text of 1–2048 characters");
}
