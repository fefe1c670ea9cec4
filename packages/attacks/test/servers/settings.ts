import { fileURLToPath } from "node:url";
import { decodeAttestation, KeyPair, type StatusSource, type TrustedIssuer, type VerifierOptions } from "@attest/core";
import { spiffeJwtSvid } from "@attest/core/formats/spiffe-jwt-svid";
import { wimseWit } from "@attest/core/formats/wimse-wit";
import type { TestAuthority } from "@attest/core/testing";
import type { AttackCredentials, LabOptions, LiveOptions, StdioTargetOptions } from "../../src/index.ts";
import { lab } from "./lab.mjs";

const VALID = { uri: "https://authority.example/status/1", idx: 0 };
const REVOKED = 1;

/** A status list of the authority: what the tester knows of it, how a server is configured, and who is asked about it. */
export const statuses: {
  readonly credentials: Required<Pick<AttackCredentials, "statusList">>;
  readonly trusted: Required<Pick<TrustedIssuer, "statusLists">>;
  readonly statusSource: StatusSource;
} = {
  credentials: { statusList: { uri: VALID.uri, revoked: REVOKED } },
  trusted: { statusLists: [VALID.uri] },
  statusSource: {
    check(_issuer, { uri, idx }) {
      if (uri !== VALID.uri || idx >= 2 ** 17) throw new Error("unavailable");
      return idx === REVOKED ? "revoked" : "valid";
    },
  },
};

/** The means of a tester who owns the authority. */
export function credentialsOf({ provider, identity, authorityKey, audience, clock }: TestAuthority): AttackCredentials {
  return {
    attest: ({ confirmationKey }) => provider.createToken({ identity, confirmationKey, status: VALID }),
    attestBearer: () => provider.createToken({ identity, bearer: true, audience, status: VALID }),
    authority: authorityKey,
    clock,
  };
}

/** A SPIFFE trust domain: what the tester has of it, and how a server trusts it. */
export async function trustDomain(): Promise<{
  readonly credentials: Required<Pick<AttackCredentials, "trustDomain">>;
  readonly trusted: TrustedIssuer;
}> {
  const name = "spire.example";
  const [svidKey, witKey] = [
    await KeyPair.generate({ algorithm: "ES256" }),
    await KeyPair.generate({ algorithm: "ES256" }),
  ];
  const keys = [
    { ...svidKey.toJwk(), use: "jwt-svid" },
    { ...witKey.toJwk(), use: "wit-svid" },
  ];
  return {
    credentials: { trustDomain: { name, svidKey, witKey } },
    trusted: {
      issuer: `https://${name}`,
      trustLevel: "enterprise",
      trustDomains: [name],
      keys,
      formats: [spiffeJwtSvid, wimseWit],
    },
  };
}

/** An enterprise: what the tester has of it, and how a server trusts it. */
export async function enterprise(): Promise<{
  readonly credentials: Required<Pick<AttackCredentials, "enterprise">>;
  readonly trusted: TrustedIssuer;
}> {
  const [issuer, trustDomain] = ["https://sso.corp.example", "corp.example"];
  const signer = await KeyPair.generate({ kid: "corp" });
  const keys = [signer.toJwk()];
  return {
    credentials: { enterprise: { issuer, signer, trustDomain } },
    trusted: { issuer, trustLevel: "enterprise", trustDomains: [trustDomain], nested: true, keys },
  };
}

/** Attestations that can be revoked, and who is asked about them. */
export function revocations(): Required<Pick<AttackCredentials, "revoke">> &
  Required<Pick<VerifierOptions, "isRevoked">> {
  const revoked = new Set<string>();
  return {
    revoke: (attestation) => void revoked.add(decodeAttestation(attestation).claims?.jti ?? ""),
    isRevoked: ({ jti = "" }) => revoked.has(jti),
  };
}

/** Options of a live target that everything may be tried on, as fast as it goes. */
export function liveOptions(
  authority: TestAuthority,
  { revoke, restart }: Pick<AttackCredentials, "revoke"> & Pick<LabOptions, "restart"> = {},
): LiveOptions {
  const { audience } = authority;
  return {
    audience,
    credentials: { ...credentialsOf(authority), delegation: true, ...(revoke && { revoke }) },
    tool: { name: "report" },
    lab: { ...lab, ...(restart && { restart }) },
    rate: 1000,
  };
}

/** A defence of a shared wire: who cancels requests, or under which ids they are made. */
export type LostOnWire = "cancellations" | "request ids";

/** The server in `stdio-server.mjs`. */
export function stdioServer(
  { issuer, audience, authorityKey }: TestAuthority,
  sdk: "v1" | "v2",
  lost?: LostOnWire,
): Pick<StdioTargetOptions, "command" | "args" | "env"> {
  const issuers = [{ issuer, trustLevel: "provider", trustDomains: ["example.com"], keys: [authorityKey.toJwk()] }];
  return {
    command: process.execPath,
    args: [fileURLToPath(new URL("stdio-server.mjs", import.meta.url)), sdk],
    env: { PATH: process.env["PATH"] ?? "", ATTEST_SERVER: JSON.stringify({ audience, issuers, lost }) },
  };
}
