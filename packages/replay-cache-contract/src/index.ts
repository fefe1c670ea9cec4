export type { ContractRunner } from "./contract-runner.ts";
export type { ContractFailures } from "./contract-subject.ts";
export { replayCacheContract } from "./replay-cache-contract.ts";
