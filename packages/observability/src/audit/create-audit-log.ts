import { hash } from "node:crypto";
import { type Clock, type Observer, optionError, refuseUnknownOptions } from "@attest/core";
import { assertMethod } from "../options.ts";
import { type AuditEntry, type AuditHead, audited, EMPTY_LOG } from "./audit-entry.ts";

/** Line ends for some readers of lines, `node:readline` among them, which JSON text may hold as they are. */
const LINE_SEPARATORS = /[\u2028\u2029]/g;

/** An observer that writes each decision down. */
export interface AuditLog extends Observer {
  /** Where the log stands now: to be kept elsewhere from time to time, where who can change the log cannot. */
  head(): AuditHead;
}

/**
 * Writes one JSON line for each decision: verifications, guarded messages, handlers' demands, issuances, key changes. Each
 * line holds the hash of the line before, so that `verifyAuditLog` finds what was removed, altered, inserted or moved.
 *
 * The chain has no key. Anyone who can rewrite the log from some line to its end can recompute every hash on the way: only a
 * `head` that was kept elsewhere shows that. Lines name agents by subject and key thumbprint; they hold no secret.
 *
 * @param options Where the lines go.
 * @param options.write Called as a method of `options` with each line, without a line break, in order, before the event
 * returns to who observed. It must keep the order. What it throws is swallowed like any observer's, and the line counts as
 * lost: the log will be found broken there. Alarm in `write` itself.
 * @param options.after Where an existing log stands that is to be continued, as `verifyAuditLog` says. Default: an empty one.
 * @param options.clock Unix seconds, fractions welcome. Default: the machine's, to the millisecond.
 * @throws AttestationError `ERR_OPTION`.
 */
export function createAuditLog(options: { write(line: string): void; after?: AuditHead; clock?: Clock }): AuditLog {
  refuseUnknownOptions(options, { write: true, after: true, clock: true }, "an audit log");
  const { after = EMPTY_LOG, clock = () => Date.now() / 1000 } = options;
  assertMethod("options", options, "write");
  const write = options.write.bind(options);
  if (typeof clock !== "function") throw optionError("clock", "must be a function");
  let { entries, head } = after;
  if (!Number.isSafeInteger(entries) || entries < 0 || !/^[\w-]{43}$/.test(head)) {
    throw optionError("after", "must be where a log stands, as verifyAuditLog says");
  }
  return {
    onEvent(event) {
      const decision = audited(event);
      if (!decision) return;
      const entry: Omit<AuditEntry, "hash"> = { v: 1, seq: entries, time: timeOf(clock), event: decision, prev: head };
      const body = JSON.stringify(entry).replace(LINE_SEPARATORS, (one) => (one === "\u2028" ? "\\u2028" : "\\u2029"));
      head = hash("sha256", body, "base64url");
      entries++;
      return write(`${body.slice(0, -1)},"hash":"${head}"}`);
    },
    head: () => ({ entries, head }),
  };
}

function timeOf(clock: Clock): number | null {
  try {
    const time = clock();
    return Number.isFinite(time) ? time : null;
  } catch {
    return null;
  }
}
