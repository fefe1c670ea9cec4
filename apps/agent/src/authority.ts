import { type AgentIdentity, AttestationIssuer, KeyPair, type PublicJwk, type TrustedIssuer } from "@attest/core";

/** The demo's audience: any absolute URI that both sides have configured. */
export const AUDIENCE = "https://bank.example/mcp";

/** The agent that is honest in the demo, and in the control of every attack. */
export const IDENTITY: AgentIdentity = { modelFamily: "example", modelVersion: "example-1", provider: "example" };

/** An authority of the demo, with the options by which a server trusts it. */
export interface DemoAuthority {
  readonly key: KeyPair;
  /** Attests a key. */
  attest(identity: AgentIdentity, confirmationKey: PublicJwk): Promise<string>;
  readonly trust: TrustedIssuer;
}

/** Makes an authority with a new key. */
export async function createAuthority(
  issuer: string,
  trustLevel: TrustedIssuer["trustLevel"],
  trustDomain: string,
): Promise<DemoAuthority> {
  const key = await KeyPair.generate();
  const provider = new AttestationIssuer({ issuer, signer: key });
  const attest = (identity: AgentIdentity, confirmationKey: PublicJwk) =>
    provider.createToken({ identity, confirmationKey });
  return { key, attest, trust: { issuer, trustLevel, trustDomains: [trustDomain] } };
}

/** The environment that makes the demo server trust these authorities. */
export function serverEnvironment(authorities: readonly DemoAuthority[]): Record<string, string> {
  const issuers = authorities.map(({ trust, key }) => ({ ...trust, keys: [key.toJwk()] }));
  return { ...inheritedEnvironment(), ATTEST_SERVER: JSON.stringify({ audience: AUDIENCE, issuers }) };
}

/** This process's own environment, for processes that it starts. */
export function inheritedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
