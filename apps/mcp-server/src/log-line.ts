import type { AttestationEvent } from "@attest/core";
import type { CallRecord } from "./audit.ts";

/** A line of a server's log. */
export interface LogLine {
  /** Which process says it: `server`, or `server 2` of several. */
  readonly source: string;
  readonly event: AttestationEvent | CallRecord;
}

export function sourceName(replica: number | undefined): string {
  return replica === undefined ? "server" : `server ${replica}`;
}
