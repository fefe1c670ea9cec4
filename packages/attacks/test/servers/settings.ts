import { fileURLToPath } from "node:url";
import type { TestAuthority } from "@attest/core/testing";
import type { AttackCredentials, LiveOptions, StdioTargetOptions } from "../../src/index.ts";

/** The means of a tester who owns the authority. */
export function credentialsOf({ provider, identity, authorityKey, audience, clock }: TestAuthority): AttackCredentials {
  return {
    attest: ({ confirmationKey }) => provider.createToken({ identity, confirmationKey }),
    attestBearer: () => provider.createToken({ identity, bearer: true, audience }),
    authority: authorityKey,
    clock,
  };
}

/** Options of a live target that everything may be tried on, as fast as it goes. */
export function liveOptions(authority: TestAuthority): LiveOptions {
  const { audience } = authority;
  return { audience, credentials: credentialsOf(authority), tool: { name: "report" }, rate: 1000 };
}

/** The server in `stdio-server.mjs`. */
export function stdioServer(
  { issuer, audience, authorityKey }: TestAuthority,
  sdk: "v1" | "v2",
): Pick<StdioTargetOptions, "command" | "args" | "env"> {
  const issuers = [{ issuer, trustLevel: "provider", trustDomains: ["example.com"], keys: [authorityKey.toJwk()] }];
  return {
    command: process.execPath,
    args: [fileURLToPath(new URL("stdio-server.mjs", import.meta.url)), sdk],
    env: { PATH: process.env["PATH"] ?? "", ATTEST_SERVER: JSON.stringify({ audience, issuers }) },
  };
}
