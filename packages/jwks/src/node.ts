export { createNodeJwksHandler } from "./publish/create-node-jwks-handler.ts";
export { FileKeyStorage } from "./store/file-key-storage.ts";
export { OwnDirectory } from "./store/own-directory.ts";
export type { OwnDirectoryFailures } from "./store/own-file.ts";
