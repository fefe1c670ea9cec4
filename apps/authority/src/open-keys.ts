import { type Clock, KeyPair, notify, type Observer, type PublicJwk, type Signer } from "@attest/core";
import type { AuthoritySettings } from "./settings.ts";

/** Stands in until the key store is there. */
export interface Keys {
  current(): Signer;
  jwks(): { keys: readonly PublicJwk[] };
  rotate(): Promise<void>;
  close(): void;
}

export async function openKeys(_settings: AuthoritySettings, _clock: Clock, observer: Observer): Promise<Keys> {
  let [active, next, old] = [await KeyPair.generate(), await KeyPair.generate(), undefined as KeyPair | undefined];
  return {
    current: () => active,
    jwks: () => ({ keys: [active, next, ...(old ? [old] : [])].map((key) => key.toJwk()) }),
    async rotate() {
      [old, active, next] = [active, next, await KeyPair.generate()];
      notify(observer, { type: "key-rotation", action: "activated", kid: active.kid });
    },
    close() {},
  };
}
