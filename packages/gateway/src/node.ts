// A guard before a server that nobody changes, on node:http
export { createNodeGateway, type NodeGateway } from "./node/create-node-gateway.ts";
export type { UpstreamTls } from "./upstream/http-upstream.ts";
