import type { Clock, Observer } from "@attest/core";
import { MemoryKeyStorage, RotatingKeyStore } from "@attest/jwks";
import { FileKeyStorage } from "@attest/jwks/node";
import type { AuthoritySettings } from "./settings.ts";

/** Opens the authority's signing keys, or makes the first ones. @throws AttestationError as `RotatingKeyStore.open`. */
export function openKeys(settings: AuthoritySettings, clock: Clock, observer: Observer): Promise<RotatingKeyStore> {
  const { keyDirectory, lifetime, keys } = settings;
  return RotatingKeyStore.open({
    storage: keyDirectory === undefined ? new MemoryKeyStorage() : new FileKeyStorage(keyDirectory),
    maxLifetime: keys.maxLifetime ?? lifetime,
    ...(keys.rotateEvery !== undefined && { rotateEvery: keys.rotateEvery }),
    ...(keys.publishAhead !== undefined && { publishAhead: keys.publishAhead }),
    clock,
    observer,
  });
}
