import { randomBytes } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  AttestationProvider,
  type Clock,
  combineObservers,
  InMemoryReplayCache,
  type Observer,
  type Signer,
  systemClock,
} from "@attest/core";
import { createJwksHandler, type PlannedRotation } from "@attest/jwks";
import { createMetrics } from "@attest/observability/prometheus";
import { createAdaptorServer } from "@hono/node-server";
import { assertAttestable } from "./assert-attestable.ts";
import { createAuthorityApp } from "./authority-app.ts";
import { Challenges } from "./challenges.ts";
import { openKeys } from "./open-keys.ts";
import type { AuthoritySettings } from "./settings.ts";

/** Requests under way have this many milliseconds to end when the authority does. */
const CLOSE_DEADLINE_MS = 5000;

/** A running authority. */
export interface Authority {
  readonly url: URL;
  readonly issuer: string;
  /** What it attests with, for those who run it in their own process. */
  readonly provider: AttestationProvider;
  /** The key that signs now, for them alone: the application that answers requests is not given it. */
  signer(): Signer;
  /** Makes the next signing key the current one as soon as everybody can know it, and says when that is. */
  rotate(): Promise<PlannedRotation>;
  /** Takes no more requests, lets those under way end, and releases everything. */
  close(): Promise<void>;
}

/**
 * Starts an authority: opens its keys and listens.
 *
 * @param options.observer Receives issuances and rotations. @param options.clock Default: the machine's.
 * @param options.keyClock By which keys rotate. Default: `clock`; a faster one shows in minutes what takes days.
 * @param options.report Receives failures that are the authority's own. Default: a line on stderr.
 * @throws With a message that lists every registration that could never be attested.
 */
export async function startAuthority(
  settings: AuthoritySettings,
  options: { observer?: Observer; clock?: Clock; keyClock?: Clock; report?: (error: unknown) => void } = {},
): Promise<Authority> {
  const { observer, clock = systemClock, keyClock = clock } = options;
  const { report = (error) => console.error("The authority failed:", error) } = options;
  await assertAttestable(settings);
  const metrics = createMetrics();
  const observers = observer ? combineObservers(metrics, observer) : metrics;
  const keys = await openKeys(settings, keyClock, observers);
  const { issuer, lifetime, host, port } = settings;
  const provider = new AttestationProvider({
    issuer,
    signer: keys,
    tokenLifetime: lifetime,
    clock,
    observer: observers,
  });
  let addresses: readonly string[] = settings.publicUrl ?? [];
  const app = createAuthorityApp({
    settings,
    provider,
    // Of this process alone: after a restart, no challenge from before is known.
    challenges: new Challenges({ secret: randomBytes(32), used: new InMemoryReplayCache(), clock }),
    addresses: () => addresses,
    publishKeys: createJwksHandler(keys),
    publishMetrics: metrics.handler,
    clock,
    report,
  });
  const server = createAdaptorServer({ fetch: app.fetch }) as Server;
  const address = await new Promise<AddressInfo>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
  const url = new URL(`http://${host.includes(":") ? `[${host}]` : host}:${address.port}/`);
  if (addresses.length === 0) addresses = ownAddresses(url);
  return {
    url,
    issuer,
    provider,
    signer: () => keys.current(),
    rotate: () => keys.rotate(),
    async close() {
      await new Promise<void>((resolve) => {
        const deadline = setTimeout(() => server.closeAllConnections(), CLOSE_DEADLINE_MS);
        server.close(() => {
          clearTimeout(deadline);
          resolve();
        });
        server.closeIdleConnections();
      });
      keys.close();
    },
  };
}

/** What clients on this machine call an authority that is not published under another name. */
function ownAddresses(url: URL): readonly string[] {
  const local = new URL("attestations", url);
  const byName = new URL(local);
  byName.hostname = "localhost";
  return [local.href, byName.href];
}
