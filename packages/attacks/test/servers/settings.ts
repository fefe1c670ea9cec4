import type { TestAuthority } from "@attest/core/testing";
import type { AttackCredentials } from "../../src/index.ts";

/** The means of a tester who owns the authority. */
export function credentialsOf({ provider, identity, authorityKey, clock }: TestAuthority): AttackCredentials {
  return {
    attest: ({ confirmationKey }) => provider.createToken({ identity, confirmationKey }),
    authority: authorityKey,
    clock,
  };
}

/** The environment of the server in `stdio-server.mjs`. */
export function environmentOf({ issuer, audience, authorityKey }: TestAuthority): Record<string, string> {
  const issuers = [{ issuer, trustLevel: "provider", trustDomains: ["example.com"], keys: [authorityKey.toJwk()] }];
  return { PATH: process.env["PATH"] ?? "", ATTEST_SERVER: JSON.stringify({ audience, issuers }) };
}
