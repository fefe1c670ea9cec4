import { appendFileSync, createReadStream, existsSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Observer } from "@attest/core";
import { createAuditLog, verifyAuditLog } from "@attest/observability";

/**
 * Opens a file as audit log: every decision about every agent, each line chained to the one before. One that is there is
 * continued, if it is whole.
 *
 * @throws If it was changed, naming the line: anyone who runs the server must look at that before anything is added.
 */
export async function openAuditLog(file: string): Promise<Observer> {
  const write = (line: string): void => appendFileSync(file, `${line}\n`, { mode: 0o600 });
  if (!existsSync(file)) return createAuditLog({ write });
  const verdict = await verifyAuditLog(createInterface({ input: createReadStream(file) }));
  if (!verdict.valid) throw new Error(`The audit log ${file} is not whole: line ${verdict.line} is ${verdict.problem}`);
  const { entries, head } = verdict;
  return createAuditLog({ write, after: { entries, head } });
}
