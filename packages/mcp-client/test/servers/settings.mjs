import { InMemoryKeyResolver, InMemoryReplayCache, systemClock } from "@attest/core";
import { spiffeJwtSvid } from "@attest/core/formats/spiffe-jwt-svid";
import { AttestationGuard } from "@attest/mcp-server";

/**
 * The guard that a test asked for in `ATTEST_TEST`: `{ issuer, audience, trustDomain, jwks, policy, allowBearer, spiffe }`;
 * `undefined` for a server without attestation.
 */
export async function guardOfEnvironment() {
  const { plain, issuer, audience, trustDomain, jwks, policy, allowBearer, spiffe } = JSON.parse(
    process.env.ATTEST_TEST ?? "{}",
  );
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
    // As of a server that has been running for a minute: it refuses what may be older than itself.
    replayCache: new InMemoryReplayCache({ clock: () => systemClock() - 60 }),
  });
}
