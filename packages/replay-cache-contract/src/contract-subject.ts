import type { ReplayCache } from "@attest/core";
import type { ContractRunner } from "./contract-runner.ts";

/** Opens caches in the states that a backend's owner hopes never to see. */
export interface ContractFailures {
  /** A cache with room for few further entries (at most 100,000). A cache of one process must give it: it can be flooded. */
  full?(): Promise<ReplayCache>;
  /** A cache whose store cannot be reached. A shared cache must give it: there is something between it and its store. */
  unreachable?(): Promise<ReplayCache>;
}

/** What every group of the contract works with. */
export interface ContractSubject {
  readonly runner: ContractRunner;
  readonly open: () => Promise<ReplayCache>;
  readonly failures: ContractFailures;
}
