import { createAuthority, secretEvidence, type Authority as WireAuthority } from "@attest/authority";
import { serveAuthority } from "@attest/authority/node";
import {
  type AgentIdentity,
  AttestationIssuer,
  type Clock,
  combineObservers,
  InMemoryReplayCache,
  importVerificationKey,
  type Observer,
  type PublicJwk,
  type Signer,
  systemClock,
} from "@attest/core";
import { MemoryKeyStorage, type PlannedRotation, RotatingKeyStore } from "@attest/jwks";
import { MemoryStatusStorage, StatusListPublisher } from "@attest/status-list";
import { type Embedded, embeddedEvidence, embeddingRule } from "./embedded-evidence.ts";

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
  /** How long verifiers may use its status list without asking again. Default 60. */
  readonly statusTtl?: number;
  /** Whose attestations it embeds in its own, by the rule `embedding`. Default: nobody's. */
  readonly embeds?: Embedded;
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
  /** The URI of its status list, as servers configure it. */
  readonly statusList: string;
  /** Attests a key as anybody, without evidence: for those who run it in their own process. It has an index in the status list. */
  attest(identity: AgentIdentity, confirmationKey: PublicJwk): Promise<string>;
  /** Revokes its workload, with all of its keys, and attests it no more. @returns The indexes that servers refuse. */
  revoke(): Promise<readonly number[]>;
  /** Attests its workload again. What was revoked stays so. */
  reinstate(): Promise<void>;
  /** The key that signs now. */
  signer(): Signer;
  rotate(): Promise<PlannedRotation>;
  close(): Promise<void>;
}

/** What the one workload with a secret is called, by its evidence and its subject. */
const WORKLOAD = "desk/workload";

/** Requests under way have this many milliseconds to end when the authority does. */
const CLOSE_WITHIN_MS = 5000;

/** Starts an authority for one workload with a static secret, in this process and on this machine's loopback. */
export async function startAuthority(settings: AuthoritySettings, options: AuthorityOptions = {}): Promise<Authority> {
  const { observer, clock = systemClock, keyClock = clock } = options;
  const { issuer, port = 0, secretSha256, identity, trustDomain, attestationType, keys } = settings;
  const { lifetime = 300, requestsPerMinute = 120, statusTtl, embeds } = settings;
  const observers = combineObservers(...(observer ? [observer] : [{ onEvent: () => {} }]));
  const keyStore = await RotatingKeyStore.open({
    storage: new MemoryKeyStorage(),
    maxLifetime: lifetime,
    ...keys,
    clock: keyClock,
    observer: observers,
  });
  const used = new InMemoryReplayCache({ clock });
  let statusList: StatusListPublisher | undefined;
  let authority: WireAuthority | undefined;
  const make = async (url: URL) => {
    statusList = await StatusListPublisher.open({
      uri: new URL("status/1", url).href,
      issuer,
      signer: keyStore,
      // Like the keys it ends with this process; who goes on after a restart needs a storage that does too.
      storage: new MemoryStatusStorage(),
      ...(statusTtl !== undefined && { ttl: statusTtl }),
      clock,
    });
    const byName = new URL(url);
    byName.hostname = "localhost";
    authority = await createAuthority({
      issuer,
      publicUrl: [url.href, byName.href],
      keyStore,
      statusList,
      evidence: {
        desk: secretEvidence({ sha256: secretSha256 }),
        ...(embeds && { maker: embeddedEvidence(embeds, issuer, clock) }),
      },
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
        ...(embeds ? [embeddingRule(embeds, "maker")] : []),
      ],
      // No challenge of an earlier process is good here, so that it need not wait until it knows what was used before.
      replayCache: { scope: "process", consume: (use) => used.consume(use) },
      limits: { perWorkload: requestsPerMinute },
      tokenLifetime: lifetime,
      observer: observers,
      clock,
    });
    return authority;
  };
  const served = await serveAuthority(make, { host: "127.0.0.1", port });
  const [list, wire] = [statusList as unknown as StatusListPublisher, authority as unknown as WireAuthority];
  const local = new AttestationIssuer({
    issuer,
    signer: keyStore,
    tokenLifetime: lifetime,
    clock,
    observer: observers,
  });
  return {
    url: served.url,
    issuer,
    statusList: list.uri,
    async attest(identity, confirmationKey) {
      const { thumbprint } = await importVerificationKey(confirmationKey);
      return local.createToken({ identity, confirmationKey, status: await list.allocate(thumbprint) });
    },
    revoke: () => wire.revoke({ workload: WORKLOAD }),
    reinstate: () => wire.reinstate({ workload: WORKLOAD }),
    signer: () => keyStore.current(),
    rotate: () => keyStore.rotate(),
    async close() {
      await served.close(CLOSE_WITHIN_MS);
      await wire.close();
      keyStore.close();
    },
  };
}
