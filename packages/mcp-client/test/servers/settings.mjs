import { InMemoryKeyResolver, InMemoryReplayCache, systemClock } from "@attest/core";
import { spiffeJwtSvid } from "@attest/core/formats/spiffe-jwt-svid";
import { AttestationGuard } from "@attest/mcp-server";

/** The settings of a server over stdio, as a test gives them in `ATTEST_TEST`. */
export const settingsOfEnvironment = () => JSON.parse(process.env.ATTEST_TEST ?? "{}");

/** The guard that a test asks for, with a replay cache of its own; `undefined` for a `plain` server. */
export async function guardOf({
  plain,
  issuer,
  audience,
  trustDomain,
  jwks,
  policy,
  allowBearer,
  maxDelegationDepth,
  spiffe,
}) {
  if (plain) return undefined;
  const keyResolver = new InMemoryKeyResolver();
  for (const jwk of jwks.keys) await keyResolver.addKey(issuer, jwk);
  return new AttestationGuard({
    trustedIssuers: [
      { issuer, trustLevel: "provider", trustDomains: [trustDomain] },
      ...(spiffe ? [{ ...spiffe, formats: [spiffeJwtSvid] }] : []),
    ],
    keyResolver,
    audience,
    policy,
    allowBearer,
    maxDelegationDepth,
    // As of a server that has been running for a minute: it refuses what may be older than itself.
    replayCache: new InMemoryReplayCache({ clock: () => systemClock() - 60 }),
  });
}
