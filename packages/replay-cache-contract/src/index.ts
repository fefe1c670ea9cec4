export type { ContractRunner } from "./contract-runner.ts";
export { type ContractFailures, replayCacheContract } from "./replay-cache-contract.ts";
