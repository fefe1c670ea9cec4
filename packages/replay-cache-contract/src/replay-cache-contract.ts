import type { ReplayCache } from "@attest/core";
import type { ContractRunner } from "./contract-runner.ts";
import type { ContractFailures, ContractSubject } from "./contract-subject.ts";
import { expiryContract } from "./expiry-contract.ts";
import { failureContract } from "./failure-contract.ts";
import { keyContract } from "./key-contract.ts";
import { restartContract } from "./restart-contract.ts";
import { singleUseContract } from "./single-use-contract.ts";

/**
 * Declares the tests that every replay cache must pass, whatever holds its entries. There is no option to leave a group
 * out: each of them stands for a way in which replays came to be accepted. Keys are random, so that the store need not be
 * empty; the tests take about five seconds, because a backend's own clock has to pass.
 *
 * @param runner A test runner's functions, or equivalents.
 * @param open Opens the cache under test, on the machine's clock. Called for every test; caches of scope `shared` must share
 * one store, and one of scope `process` must be new each time. What is opened is closed by the tests.
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
    restartContract(subject);
    failureContract(subject);
  });
}
