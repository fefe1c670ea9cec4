// Fetching
export type { FetchDocument, HostAddress, HostLookup } from "@attest/remote-documents";
// Publishing
export { createJwksHandler } from "./publish/create-jwks-handler.ts";
export type { JwksHandlerOptions, KeyPublisher } from "./publish/jwks-endpoint.ts";
export { HttpKeyResolver } from "./resolver/http-key-resolver.ts";
export type { ImportKey } from "./resolver/key-set.ts";
export type { KeySource } from "./resolver/key-source.ts";
export type { HttpKeyResolverOptions } from "./resolver/resolver-options.ts";
export {
  type RemoteKeyOptions,
  type RemotelyTrustedIssuer,
  type RemoteVerifierOptions,
  type WithRemoteKeys,
  withRemoteKeys,
} from "./resolver/with-remote-keys.ts";
// Rotating
export type { KeyStorage } from "./store/key-storage.ts";
export { MemoryKeyStorage } from "./store/memory-key-storage.ts";
export {
  type Jwks,
  type PlannedRotation,
  RotatingKeyStore,
  type RotatingKeyStoreOptions,
} from "./store/rotating-key-store.ts";
