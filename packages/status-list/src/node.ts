export { createNodeStatusListHandler } from "./publish/create-node-status-list-handler.ts";
export { FileStatusStorage } from "./storage/file-status-storage.ts";
