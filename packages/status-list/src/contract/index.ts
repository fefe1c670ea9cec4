export type { ContractRunner } from "./contract-runner.ts";
export { type ContractStore, statusStorageContract } from "./status-storage-contract.ts";
