// What others start and read: the server itself is `demo-mcp-server/main`.
export type { CallRecord } from "./audit.ts";
export type { LogLine } from "./log-line.ts";
export type { ServerSettings, ServerSettingsInput } from "./settings.ts";
