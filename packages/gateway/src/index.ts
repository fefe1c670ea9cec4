// A guard before a server that nobody changes

export type { CorsOptions } from "./answer/cors.ts";
export type { FailureReason, UpstreamFailure } from "./answer/upstream-failure.ts";
export { createGateway, type FetchGateway } from "./create-gateway.ts";
export type { Demand, Demands } from "./demands/demand.ts";
export type { GatewayLimits, GatewayOptions, HttpUpstreamOptions } from "./gateway-options.ts";
