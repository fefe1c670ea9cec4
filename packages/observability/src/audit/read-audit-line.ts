import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { decodeStrictJson } from "@attest/core";
import type { AuditEntry } from "./audit-entry.ts";

const LINE = /^(\{.*),"hash":"([\w-]{43})"\}$/;

/**
 * Reads one line of an audit log by itself: its form, and that its own hash holds. Whether it follows the line before is for
 * the caller to check, by `seq` and `prev`; `verifyAuditLog` does, for a log from its beginning.
 *
 * Of `event`, only `type` is checked to be a text. The hash has no key, so a line that was made up reads like any other:
 * treat what it says as text from elsewhere.
 *
 * @param line Without its line break.
 * @returns The entry; or `malformed` for what is not a line of an audit log, `altered` for one whose hash does not hold.
 */
export function readAuditLine(line: string): AuditEntry | "malformed" | "altered" {
  const [, begin, written] = LINE.exec(line) ?? [];
  if (begin === undefined || written === undefined) return "malformed";
  const body = `${begin}}`;
  if (hash("sha256", body, "base64url") !== written) return "altered";
  const { value } = decodeStrictJson(Buffer.from(body, "utf8"));
  return isEntry(value) ? { ...value, hash: written } : "malformed";
}

function isEntry(value: unknown): value is Omit<AuditEntry, "hash"> {
  const { v, seq, time, event, prev } = (value ?? {}) as Record<string, unknown>;
  return (
    v === 1 &&
    Number.isSafeInteger(seq) &&
    (time === null || typeof time === "number") &&
    typeof (event as { type?: unknown } | null | undefined)?.type === "string" &&
    typeof prev === "string"
  );
}
