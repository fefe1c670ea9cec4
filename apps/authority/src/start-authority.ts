import { createAuthority, secretEvidence } from "@attest/authority";
import { serveAuthority } from "@attest/authority/node";
import {
  type AgentIdentity,
  AttestationIssuer,
  type Clock,
  combineObservers,
  InMemoryReplayCache,
  type Observer,
  type Signer,
  systemClock,
} from "@attest/core";
import { MemoryKeyStorage, type PlannedRotation, RotatingKeyStore } from "@attest/jwks";

/** What the demo's authorities differ in. Durations are seconds. */
export interface AuthoritySettings {
  readonly issuer: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Hexadecimal SHA-256 of the secret of its one workload. */
  readonly secretSha256: string;
  /** What that workload is attested as. */
  readonly identity: AgentIdentity;
  readonly trustDomain?: string;
  readonly attestationType?: "provider" | "enterprise";
  /** Of an attestation. Default 300. */
  readonly lifetime?: number;
  /** How its keys change, as `RotatingKeyStore` takes it. */
  readonly keys?: { readonly rotateEvery?: number; readonly publishAhead?: number; readonly maxLifetime?: number };
  readonly requestsPerMinute?: number;
}

/** How it watches and what it goes by. */
export interface AuthorityOptions {
  readonly observer?: Observer;
  readonly clock?: Clock;
  /** By which keys rotate. Default: `clock`; a faster one shows in minutes what takes days. */
  readonly keyClock?: Clock;
}

/** A running authority of the demo. */
export interface Authority {
  readonly url: URL;
  readonly issuer: string;
  /** What it attests with, for those who run it in their own process. */
  readonly provider: AttestationIssuer;
  /** The key that signs now. */
  signer(): Signer;
  rotate(): Promise<PlannedRotation>;
  close(): Promise<void>;
}

/** Requests under way have this many milliseconds to end when the authority does. */
const CLOSE_WITHIN_MS = 5000;

/** Starts an authority for one workload with a static secret, in this process and on this machine's loopback. */
export async function startAuthority(settings: AuthoritySettings, options: AuthorityOptions = {}): Promise<Authority> {
  const { observer, clock = systemClock, keyClock = clock } = options;
  const { issuer, port = 0, secretSha256, identity, trustDomain, attestationType, keys } = settings;
  const { lifetime = 300, requestsPerMinute = 120 } = settings;
  const observers = combineObservers(...(observer ? [observer] : [{ onEvent: () => {} }]));
  const keyStore = await RotatingKeyStore.open({
    storage: new MemoryKeyStorage(),
    maxLifetime: lifetime,
    ...keys,
    clock: keyClock,
    observer: observers,
  });
  const used = new InMemoryReplayCache({ clock });
  const make = (url: URL) => {
    const byName = new URL(url);
    byName.hostname = "localhost";
    return createAuthority({
      issuer,
      publicUrl: [url.href, byName.href],
      keyStore,
      evidence: { desk: secretEvidence({ sha256: secretSha256 }) },
      rules: [
        {
          name: "workload",
          default: true,
          evidence: "desk",
          attest: {
            identity,
            ...(trustDomain !== undefined && { trustDomain }),
            ...(attestationType && { attestationType }),
          },
        },
      ],
      // No challenge of an earlier process is good here, so that it need not wait until it knows what was used before.
      replayCache: { scope: "process", consume: (use) => used.consume(use) },
      limits: { perWorkload: requestsPerMinute },
      tokenLifetime: lifetime,
      observer: observers,
      clock,
    });
  };
  const served = await serveAuthority(make, { host: "127.0.0.1", port });
  return {
    url: served.url,
    issuer,
    provider: new AttestationIssuer({
      issuer,
      signer: keyStore,
      tokenLifetime: lifetime,
      clock,
      observer: observers,
    }),
    signer: () => keyStore.current(),
    rotate: () => keyStore.rotate(),
    async close() {
      await served.close(CLOSE_WITHIN_MS);
      keyStore.close();
    },
  };
}
