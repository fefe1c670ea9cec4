// Configuration files
export { ConfigurationError, type ConfigurationProblem } from "./configuration-error.ts";
export { type Defined, defined } from "./defined.ts";
// Listening
export { hostAndPort, isLoopback } from "./host-and-port.ts";
export { type Listener, type ListenOptions, listen } from "./listen.ts";
export { type AdminParts, listenAdmin } from "./listen-admin.ts";
// Logs and stores
export { LogFile } from "./log-file.ts";
export { openRedis, type RedisOptions, type RedisStore } from "./open-redis.ts";
export { OwnFiles } from "./own-files.ts";
export { type ConfigurationForm, type ParsedConfiguration, parseConfiguration } from "./parse-configuration.ts";
export { type ReadConfiguration, readConfiguration } from "./read-configuration.ts";
