import type { ReplayCache } from "@attest/core";
import { answerOf } from "./answer.ts";
import type { ContractRunner } from "./contract-runner.ts";
import { expiryContract } from "./expiry-contract.ts";
import { failureContract } from "./failure-contract.ts";
import { keyContract } from "./key-contract.ts";
import { singleUseContract } from "./single-use-contract.ts";

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

/**
 * Declares the tests that every replay cache must pass, whatever holds its entries. There is no option to leave a group
 * out: each of them stands for a way in which replays came to be accepted. Keys are random, so that the store need not be
 * empty; the tests take about five seconds, because a backend's own clock has to pass.
 *
 * @param runner A test runner's functions, or equivalents.
 * @param open Opens the cache under test. Called for every test; caches of scope `shared` must share one store. What is
 * opened is closed by the tests.
 * @param failures Opens it full, and with its store out of reach.
 */
export function replayCacheContract(
  runner: ContractRunner,
  open: () => Promise<ReplayCache>,
  failures: ContractFailures = {},
): void {
  const subject: ContractSubject = { runner, open, failures };
  runner.describe("replay cache contract", () => {
    singleUseContract(subject);
    expiryContract(subject);
    keyContract(subject);
    failureContract(subject);
  });
}

/** Opens a cache that is ready, hands it over, and closes it. */
export async function withCache(
  open: () => Promise<ReplayCache>,
  body: (
    cache: ReplayCache,
    answer: (use: Parameters<ReplayCache["consume"]>[0]) => Promise<boolean | string>,
  ) => Promise<void>,
): Promise<void> {
  const cache = await open();
  try {
    await cache.ready?.();
    await body(cache, (use) => answerOf(cache, use));
  } finally {
    await cache.close?.();
  }
}
