import { type AgentIdentity, AttestationIssuer, KeyPair, type PublicJwk } from "@attest/core";

/** The name of the server under test, as it must be configured with it. */
export const AUDIENCE = "https://server.conformance.example/mcp";
const ISSUER = "https://authority.conformance.example";
const TRUST_DOMAIN = "conformance.example";
const IDENTITY: AgentIdentity = { modelFamily: "example", modelVersion: "example-1", provider: "conformance" };

/** The key of RFC 8032 §7.1, test 3: known to everybody, so good for nothing else. */
const AUTHORITY_JWK = {
  kty: "OKP",
  crv: "Ed25519",
  kid: "conformance-1",
  x: "_FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU",
  d: "xaqN9D-fg3vtt0QvMdy3sWbThTUHbwlLhc46LgtEWPc",
};

/** The authority that the server under test trusts. */
export interface FixtureAuthority {
  readonly key: KeyPair;
  /** Attests a key as that of the honest agent, for 15 minutes. */
  attest(confirmationKey: PublicJwk, safetyLevel?: "standard" | "minimal"): Promise<string>;
}

/** What a server must be configured with, so that the scenario for servers can be run on it. */
export const SERVER_SETTINGS = {
  audience: AUDIENCE,
  issuers: [
    {
      issuer: ISSUER,
      trustLevel: "provider",
      trustDomains: [TRUST_DOMAIN],
      keys: [{ kty: "OKP", crv: "Ed25519", kid: AUTHORITY_JWK.kid, x: AUTHORITY_JWK.x, use: "sig", alg: "Ed25519" }],
    },
  ],
} as const;

/** Makes the authority. */
export async function fixtureAuthority(): Promise<FixtureAuthority> {
  const key = await KeyPair.fromJwk(AUTHORITY_JWK);
  const issuer = new AttestationIssuer({ issuer: ISSUER, signer: key });
  return {
    key,
    attest: (confirmationKey, safetyLevel = "standard") =>
      issuer.createToken({ identity: IDENTITY, trustDomain: TRUST_DOMAIN, confirmationKey, metadata: { safetyLevel } }),
  };
}
