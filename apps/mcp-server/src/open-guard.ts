import { RedisReplayCache } from "@attest/cache-redis";
import {
  combineKeyResolvers,
  InMemoryKeyResolver,
  InMemoryReplayCache,
  type KeyResolver,
  type Observer,
  optionError,
  type PublicJwk,
  type ReplayCache,
} from "@attest/core";
import { HttpKeyResolver } from "@attest/jwks";
import { AttestationGuard } from "@attest/mcp-server";
import { HttpStatusSource } from "@attest/status-list";
import { Redis } from "ioredis";
import { isRefusedSubAgent } from "./is-refused-sub-agent.ts";
import type { ServerSettings } from "./settings.ts";

/** A guard with what it depends on. */
export interface OpenedGuard {
  readonly guard: AttestationGuard;
  close(): Promise<void>;
}

/**
 * Makes the one guard of this process and waits until it can decide: keys are fetched, the replay cache is there.
 *
 * @throws AttestationError saying what cannot be reached, or is wrong.
 */
export async function openGuard(settings: ServerSettings, observer: Observer): Promise<OpenedGuard> {
  const { audience, issuers, policy, redisUrl, maxDelegationDepth, refusedSubAgents, ticketRing, signedTools } =
    settings;
  const [first, ...others] = issuers.map(({ issuer, trustLevel, trustDomains, statusLists, nested }) => ({
    issuer,
    trustLevel,
    trustDomains,
    ...(statusLists && { statusLists }),
    ...(nested !== undefined && { nested }),
  }));
  if (!first) throw optionError("issuers", "must list at least one");
  const keyResolver = await openKeys(settings, observer);
  const statusSource = openStatusLists(settings, keyResolver, observer);
  const redis = redisUrl === undefined ? undefined : new Redis(redisUrl).on("error", () => {});
  const replayCache: ReplayCache = redis
    ? new RedisReplayCache({ client: redis, observer })
    : new InMemoryReplayCache();
  const guard = new AttestationGuard({
    audience,
    trustedIssuers: [first, ...others],
    keyResolver,
    policy,
    replayCache,
    // Anyone who shares a replay cache is one of several, whether this process started them or not.
    instances: redis ? "multiple" : "single",
    maxDelegationDepth,
    ...(refusedSubAgents !== undefined && { isRevoked: isRefusedSubAgent(refusedSubAgents) }),
    ...(statusSource && { statusSource }),
    ...(ticketRing && { tickets: { ring: ticketRing.map((secret) => Buffer.from(secret, "base64url")) } }),
    ...(signedTools.length > 0 && { signatures: { tools: signedTools } }),
    observer,
  });
  const close = async (): Promise<void> => {
    await replayCache.close?.();
    await statusSource?.close();
    await keyResolver.close?.();
    redis?.disconnect();
  };
  try {
    await guard.verifier.ready();
  } catch (error) {
    await close();
    throw error;
  }
  return { guard, close };
}

async function openKeys(settings: ServerSettings, observer: Observer): Promise<KeyResolver> {
  const known = new InMemoryKeyResolver();
  const published: Record<string, { jwksUri: string }> = {};
  for (const { issuer, keys, jwksUri } of settings.issuers) {
    for (const key of keys ?? []) await known.addKey(issuer, key as unknown as PublicJwk);
    if (jwksUri !== undefined) published[issuer] = { jwksUri };
  }
  if (Object.keys(published).length === 0) return known;
  const local = settings.dangerouslyAllowLocalKeySources;
  const remote = new HttpKeyResolver({
    issuers: published,
    cooldown: settings.keyCooldown,
    allowInsecureHttp: local,
    allowPrivateNetwork: local,
    observer,
  });
  return known.issuers.length === 0 ? remote : combineKeyResolvers(known, remote);
}

function openStatusLists(
  settings: ServerSettings,
  keyResolver: KeyResolver,
  observer: Observer,
): HttpStatusSource | undefined {
  const lists = settings.issuers.flatMap(({ issuer, statusLists }) => (statusLists ? [[issuer, statusLists]] : []));
  if (lists.length === 0) return undefined;
  const local = settings.dangerouslyAllowLocalKeySources;
  return new HttpStatusSource({
    lists: Object.fromEntries(lists),
    keyResolver,
    pollInterval: settings.statusPollInterval,
    allowInsecureHttp: local,
    allowPrivateNetwork: local,
    observer,
  });
}
