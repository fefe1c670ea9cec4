import { AttestationError } from "@attest/core";

/** What a server says about itself in `INFO`, which managed services allow where they forbid `CONFIG`. */
export interface ServerFacts {
  /** The beginning of `run_id`: another one after every start of the process. */
  readonly run: string;
  readonly usedMemory: number;
  /** 0: no limit. */
  readonly maxMemory: number;
}

/**
 * @param info The text of `INFO server` and `INFO memory`.
 * @throws AttestationError `ERR_REPLAY_CACHE_UNAVAILABLE` from a server that forgets by itself, or knows no `SET NX GET`.
 */
export function readServerFacts(info: string): ServerFacts {
  const facts = new Map(
    info.split("\r\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)] as const),
  );
  const version = Number.parseInt(facts.get("redis_version") ?? "", 10);
  if (!(version >= 7)) throw unfit("Redis 7 or later is needed");
  const policy = facts.get("maxmemory_policy");
  if (policy !== "noeviction") throw unfit("maxmemory-policy must be noeviction: any other forgets live entries (R8)");
  const run = facts.get("run_id");
  if (!run || !/^[0-9a-f]{16,}$/.test(run)) throw unfit("INFO names no run_id");
  return {
    run: run.slice(0, 16),
    usedMemory: Number(facts.get("used_memory")),
    maxMemory: Number(facts.get("maxmemory")),
  };
}

function unfit(problem: string): AttestationError {
  return new AttestationError("ERR_REPLAY_CACHE_UNAVAILABLE", `This Redis cannot keep uses: ${problem}`);
}
