import { InMemoryKeyResolver } from "@attest/core";
import { AttestationGuard } from "@attest/mcp-server";

/** A guard that trusts the probe's authority. @param trust As in the environment variable `ATTEST_TRUST`. */
export async function makeGuard(trust = process.env.ATTEST_TRUST) {
  const { issuer, audience, jwk } = JSON.parse(trust);
  const keyResolver = new InMemoryKeyResolver();
  await keyResolver.addKey(issuer, jwk);
  const trustedIssuers = [{ issuer, trustLevel: "provider", trustDomains: ["example.com"] }];
  return new AttestationGuard({ audience, trustedIssuers, keyResolver });
}
