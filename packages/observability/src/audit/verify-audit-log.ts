import { optionError, refuseUnknownOptions } from "@attest/core";
import { type AuditHead, EMPTY_LOG } from "./audit-entry.ts";
import { readAuditLine } from "./read-audit-line.ts";

/**
 * What is wrong with a line: it is no line of an audit log; it is not as it was written; it is not the one that follows
 * here, since lines before it were removed, inserted or moved. Or, after the last: the head that was kept is not of this
 * log's, so it was cut off before it, or rewritten.
 */
export type AuditProblem = "malformed" | "altered" | "out-of-sequence" | "head-missing";

/** What a log proved to be: whole, with the hash of its last line; or not, with the first line that shows it. */
export type AuditVerdict =
  | ({
      /** The lines are a whole log, up to the head that is named here. */
      readonly valid: true;
    } & AuditHead)
  | {
      readonly valid: false;
      /** The first line that is wrong, from 1; for `head-missing`, the one after the last. */
      readonly line: number;
      /** What is wrong with it. */
      readonly problem: AuditProblem;
    };

/**
 * Checks that the lines are an audit log from its beginning: none removed, altered, inserted or moved. Lines that are
 * missing at the end show only by a `head`.
 *
 * It does not show that the whole log was not rewritten: the chain has no key. A `head` kept elsewhere vouches for every
 * line up to it, and for none after.
 *
 * @param lines Without line breaks; an empty one is allowed at the very end, where `text.split("\n")` leaves one. Read one
 * at a time, so a file of any size can be streamed.
 * @param options What the log is compared with. Default: nothing but itself.
 * @param options.head A `head` that this log once had. A log that has grown
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
    if (line === "" && !ended) {
      ended = true;
      continue;
    }
    const entry = ended ? "malformed" : readAuditLine(line);
    if (typeof entry === "string") return { valid: false, line: entries + 1, problem: entry };
    if (entry.seq !== entries || entry.prev !== head) {
      return { valid: false, line: entries + 1, problem: "out-of-sequence" };
    }
    head = entry.hash;
    found ||= head === wanted;
    entries++;
  }
  return found ? { valid: true, entries, head } : { valid: false, line: entries + 1, problem: "head-missing" };
}
