import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { decodeStrictJson, optionError, refuseUnknownOptions } from "@attest/core";
import { type AuditEntry, type AuditHead, EMPTY_LOG } from "./audit-entry.ts";

/**
 * What is wrong with a line: it is no line of an audit log; it is not as it was written; it is not the one that follows
 * here, since lines before it were removed, inserted or moved. Or, after the last: the head that was kept is none of this
 * log's, so it was cut off before it, or rewritten.
 */
export type AuditProblem = "malformed" | "altered" | "out-of-sequence" | "head-missing";

/** What a log proved to be: whole, with the hash of its last line; or not, with the first line that shows it. */
export type AuditVerdict =
  | ({ readonly valid: true } & AuditHead)
  /** `line` counts from 1; for `head-missing` it is the one after the last. */
  | { readonly valid: false; readonly line: number; readonly problem: AuditProblem };

const LINE = /^(\{.*),"hash":"([\w-]{43})"\}$/;

/**
 * Checks that the lines are an audit log from its beginning: none removed, altered, inserted or moved. Lines that are
 * missing at the end show only by a `head`.
 *
 * It does not show that nobody wrote the whole log anew: the chain has no key. A `head` kept elsewhere vouches for every
 * line up to it, and for none after.
 *
 * @param lines Without line breaks; an empty one is allowed at the very end, where `text.split("\n")` leaves one. Read one
 * at a time, so a file of any size can be streamed. @param options.head A `head` that this log once had. A log that has grown
 * since still has it.
 * @throws AttestationError `ERR_OPTION`; and whatever `lines` throws.
 */
export async function verifyAuditLog(
  lines: Iterable<string> | AsyncIterable<string>,
  options: { head?: string } = {},
): Promise<AuditVerdict> {
  refuseUnknownOptions(options, { head: true }, "verifyAuditLog");
  const { head: wanted = EMPTY_LOG.head } = options;
  if (typeof wanted !== "string" || !/^[\w-]{43}$/.test(wanted)) throw optionError("head", "must be a log's head");
  let { entries, head } = EMPTY_LOG;
  let found = wanted === head;
  let ended = false;
  for await (const line of lines) {
    const problem = ended ? "malformed" : line === "" ? undefined : problemOf(line, entries, head);
    if (problem) return { valid: false, line: entries + 1, problem };
    if (line === "") {
      ended = true;
      continue;
    }
    head = line.slice(-45, -2);
    found ||= head === wanted;
    entries++;
  }
  return found ? { valid: true, entries, head } : { valid: false, line: entries + 1, problem: "head-missing" };
}

function problemOf(line: string, seq: number, prev: string): AuditProblem | undefined {
  const [, begin, written] = LINE.exec(line) ?? [];
  if (begin === undefined) return "malformed";
  const body = `${begin}}`;
  if (hash("sha256", body, "base64url") !== written) return "altered";
  const { value } = decodeStrictJson(Buffer.from(body, "utf8"));
  if (value === undefined) return "malformed";
  const entry = value as Partial<AuditEntry>;
  if (entry.v !== 1) return "malformed";
  return entry.seq === seq && entry.prev === prev ? undefined : "out-of-sequence";
}
