// A guard before a server that nobody changes, on node:http

// Running by a configuration file
export { ConfigurationError, type ConfigurationProblem } from "@attest/service";
export type { WrittenConfiguration } from "./configuration/open-parts.ts";
export { configurationSchema } from "./configuration/schema.ts";
// A companion of a client that nobody changes
export { type Connection, type ConnectOptions, connect } from "./connect/connect.ts";
export { type ConnectProcessOptions, connectProcess, type ProcessConnection } from "./connect/connect-process.ts";
export { type ListenLocallyOptions, listenLocally } from "./connect/listen-locally.ts";
export type { NodeGatewayOptions, ProcessUpstreamOptions } from "./gateway-options.ts";
export { createNodeGateway, type NodeGateway } from "./node/create-node-gateway.ts";
export { type RunningGateway, type RunOptions, runGateway } from "./node/run-gateway.ts";
export { runGuardedProcess } from "./node/run-guarded-process.ts";
// A guard before a server over stdio
export { type GuardedProcess, type GuardProcessOptions, guardProcess } from "./process/guard-process.ts";
export type { UpstreamTls } from "./upstream/http-upstream.ts";
