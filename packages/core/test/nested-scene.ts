import {
  AttestationIssuer,
  type AttestationRequest,
  AttestationVerifier,
  type Clock,
  type InMemoryKeyResolver,
  KeyPair,
  type KeyResolver,
  type TrustedIssuer,
  type VerificationResult,
  type VerifierOptions,
} from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";

export const ENTERPRISE = "https://sso.corp.example";
const request = { kind: "message", method: "tools/call" } as const;

/** A provider's authority, an enterprise's around it, and a server that trusts both. */
export interface NestedScene {
  readonly provider: TestAuthority;
  readonly enterprise: AttestationIssuer;
  readonly enterpriseKey: KeyPair;
  readonly keys: InMemoryKeyResolver;
  /** The enterprise's attestation for the agent's key. */
  attest(request?: Partial<AttestationRequest>): Promise<string>;
  /** A verifier that reads what is nested, unless `enterprise` changes how it trusts the enterprise. */
  verifier(options?: Partial<VerifierOptions>, enterprise?: Partial<TrustedIssuer>): AttestationVerifier;
  use(verifier: AttestationVerifier, token: string, key?: KeyPair): Promise<VerificationResult>;
}

export async function createNestedScene(clock: Clock): Promise<NestedScene> {
  const provider = await createTestAuthority({ clock });
  const enterpriseKey = await KeyPair.generate();
  const enterprise = new AttestationIssuer({ issuer: ENTERPRISE, signer: enterpriseKey, clock });
  const keys = provider.keyResolver;
  await keys.addKeyPair(ENTERPRISE, enterpriseKey);
  const { identity, agentKey } = provider;
  return {
    provider,
    enterprise,
    enterpriseKey,
    keys,
    attest: (asked) =>
      enterprise.createToken({
        identity,
        subject: "spiffe://corp.example/agent/7",
        confirmationKey: agentKey.toJwk(),
        ...(asked?.nested === undefined && { metadata: { attestationType: "enterprise" } }),
        ...asked,
      } as AttestationRequest),
    verifier(options = {}, trusted = {}) {
      const [own] = provider.verifierOptions.trustedIssuers;
      const corp: TrustedIssuer = {
        issuer: ENTERPRISE,
        trustLevel: "enterprise",
        trustDomains: ["corp.example"],
        nested: true,
        ...trusted,
      };
      return new AttestationVerifier({ ...provider.verifierOptions, trustedIssuers: [own, corp], ...options });
    },
    async use(verifier, token) {
      const proof = await provider.prove(token, request);
      return verifier.verify(token, { proof, ...request });
    },
  };
}

/** Keys of which one issuer's cannot be had. */
export function without(keys: KeyResolver, issuer: string): KeyResolver {
  return {
    resolve(asked, kid) {
      if (asked === issuer) throw new Error("down");
      return keys.resolve(asked, kid);
    },
  };
}
