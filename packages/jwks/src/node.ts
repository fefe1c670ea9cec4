export { createNodeJwksHandler } from "./publish/create-node-jwks-handler.ts";
export { FileKeyStorage } from "./store/file-key-storage.ts";
export { OwnDirectory, type OwnDirectoryFailures } from "./store/own-directory.ts";
