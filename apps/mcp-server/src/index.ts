// What others start and read: the server itself is `demo-mcp-server/main`.
export type { CallRecord } from "./audit.ts";
// The bank's HTTP servers, for those who run them in their own process
export { type Listening, listen } from "./listen.ts";
export type { LogLine } from "./log-line.ts";
export { createHttpServer } from "./serve-http.ts";
export { createHttpServerV1 } from "./serve-http-v1.ts";
export { createServerWithOAuth } from "./serve-with-oauth.ts";
export type { ServerSettings, ServerSettingsInput } from "./settings.ts";
