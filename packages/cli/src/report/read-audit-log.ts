import { createReadStream } from "node:fs";
import { type AuditEntry, type AuditProblem, readAuditLine } from "@attest/observability";
import { MalformedError, UsageError } from "../exit.ts";
import { MAX_LINE, readLines } from "./read-lines.ts";

const PROBLEMS: Readonly<Record<Exclude<AuditProblem, "head-missing">, string>> = {
  malformed: "is not a line of an audit log",
  altered: "was changed after it was written: its hash does not match",
  "out-of-sequence":
    "does not follow the line before: lines were removed, inserted or moved, or the lines of several logs are mixed. Give each log as a file of its own",
};
const FIRST_PREV = "A".repeat(43);

/**
 * Reads an audit log, or a part of one, line by line. A server that starts without continuing its log begins a new one in the
 * same file, which is allowed.
 *
 * @param source A file; - for stdin. @param onLog Called where a log begins, or the file's first line continues one.
 * @throws MalformedError naming the file and the line; UsageError for a file that cannot be read.
 */
export async function* readAuditLog(source: string, onLog: () => void): AsyncGenerator<AuditEntry> {
  const stream: AsyncIterable<Uint8Array> = source === "-" ? process.stdin : createReadStream(source);
  let before: AuditEntry | undefined;
  let number = 0;
  try {
    for await (const line of readLines(stream)) {
      number++;
      const entry = line.length > MAX_LINE ? "malformed" : readAuditLine(line);
      if (typeof entry === "string") throw broken(source, number, entry);
      const begins = entry.seq === 0 && entry.prev === FIRST_PREV;
      const follows = entry.seq === (before?.seq ?? -1) + 1 && entry.prev === before?.hash;
      if (before && !begins && !follows) throw broken(source, number, "out-of-sequence");
      if (!before || begins) onLog();
      before = entry;
      yield entry;
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined) throw new UsageError(`Cannot read ${source} (${code})`);
    throw error;
  }
}

function broken(source: string, line: number, problem: keyof typeof PROBLEMS): MalformedError {
  return new MalformedError(`${source}: line ${line} ${PROBLEMS[problem]}`);
}
