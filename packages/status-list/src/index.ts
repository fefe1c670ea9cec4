// The format
export { type EncodedStatusList, type StatusBits, StatusList, type StatusListLimits } from "./codec/status-list.ts";
