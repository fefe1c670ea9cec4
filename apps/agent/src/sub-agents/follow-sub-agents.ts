import { appendFile } from "node:fs/promises";
import type { WatchedLog } from "../run-attack.ts";

/** What the operator of a bank has to stop one sub-agent by: the bank's own log, and a file of keys that it refuses. */
export interface SubAgentRefusals {
  /** Refuses a sub-agent, by the key under which it called last. @throws Error if it never called. */
  refuse(name: string): Promise<void>;
  stop(): void;
}

/** Follows a bank's log, so that a sub-agent can be refused by the key that it was seen with. @param file As the bank's `refusedSubAgents`. */
export function followSubAgents(log: WatchedLog, file: string): SubAgentRefusals {
  const keys = new Map<string, string>();
  const stop = log.watch(({ event }) => {
    if (event.type !== "verification") return;
    const { name, keyThumbprint } = event.delegation?.at(-1) ?? {};
    if (name !== undefined && keyThumbprint !== undefined) keys.set(name, keyThumbprint);
  });
  return {
    async refuse(name) {
      const key = keys.get(name);
      if (key === undefined) throw new Error(`The bank has not seen a sub-agent ${name}`);
      await appendFile(file, `${key}\n`);
    },
    stop,
  };
}
