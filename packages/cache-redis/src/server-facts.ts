import { AttestationError } from "@attest/core";

/** What a server says about itself in `INFO`, which managed services allow where they forbid `CONFIG`. */
export interface ServerFacts {
  readonly usedMemory: number;
  /** 0: no limit. */
  readonly maxMemory: number;
  /** Keys that it has evicted: more of them than before were entries, as far as anybody can tell. */
  readonly evicted: number;
}

/** The beginning of `run_id`, from `INFO server`: another one after every start of the process. */
export function readRun(info: string): string {
  const members = membersOf(info);
  const version = Number.parseInt(memberOf(members, "redis_version"), 10);
  if (!(version >= 7)) throw unfit("Redis 7 or later is needed");
  const run = memberOf(members, "run_id");
  if (!/^[0-9a-f]{16,}$/.test(run)) throw unfit("its run_id is malformed");
  return run.slice(0, 16);
}

/**
 * @param info The text of `INFO memory` and `INFO stats`.
 * @throws AttestationError `ERR_REPLAY_CACHE_UNAVAILABLE` from a server that forgets by itself, or does not tell.
 */
export function readServerFacts(info: string): ServerFacts {
  const members = membersOf(info);
  const policy = memberOf(members, "maxmemory_policy");
  if (policy !== "noeviction") {
    const found = /^[a-z-]{1,32}$/.test(policy) ? policy : "another";
    throw unfit(`its maxmemory-policy is ${found} and must be noeviction: any other forgets live entries (R8)`);
  }
  return {
    usedMemory: Number(members.get("used_memory")),
    maxMemory: Number(members.get("maxmemory")),
    evicted: Number(memberOf(members, "evicted_keys")),
  };
}

function membersOf(info: string): ReadonlyMap<string, string> {
  return new Map(
    info.split("\r\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)] as const),
  );
}

function memberOf(members: ReadonlyMap<string, string>, name: string): string {
  const member = members.get(name);
  if (member !== undefined) return member;
  throw unfit(
    `its INFO names no ${name}, so whether it keeps what it is given cannot be checked. ` +
      "Use Redis or Valkey 7 or later itself, or write a replay cache for this store",
  );
}

function unfit(problem: string): AttestationError {
  return new AttestationError("ERR_REPLAY_CACHE_UNAVAILABLE", `This Redis cannot keep uses: ${problem}`);
}
