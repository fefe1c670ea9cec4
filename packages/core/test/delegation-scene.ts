import {
  AttestationVerifier,
  createDelegation,
  createProof,
  type DelegationOptions,
  KeyPair,
  type ProofRequest,
  type VerificationRequest,
  type VerificationResult,
  type VerifierOptions,
} from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";

export const CALL = { kind: "message", method: "tools/call", params: { name: "list" } } as const;

/** A chain, and the key of who may use it. */
export interface Delegated {
  readonly chain: string;
  readonly key: KeyPair;
}

/** An attested agent, who delegates. */
export interface DelegationScene {
  readonly authority: TestAuthority;
  verifier(options?: Partial<VerifierOptions>): AttestationVerifier;
  /** The attested agent. */
  root(): Promise<Delegated>;
  delegate(parent: Delegated, options?: Partial<DelegationOptions>): Promise<Delegated>;
  /** A chain of so many links from one attestation. */
  chain(links: number, from?: Delegated): Promise<Delegated>;
  use(
    verifier: AttestationVerifier,
    by: Delegated,
    request?: ProofRequest,
    other?: object,
  ): Promise<VerificationResult>;
}

export async function createDelegationScene(clock: () => number): Promise<DelegationScene> {
  const authority = await createTestAuthority({ clock });
  const scene: DelegationScene = {
    authority,
    verifier: (options) => new AttestationVerifier({ ...authority.verifierOptions, maxDelegationDepth: 4, ...options }),
    root: async () => ({ chain: await authority.attest(), key: authority.agentKey }),
    async delegate(parent, options = {}) {
      const key = await KeyPair.generate();
      const chain = await createDelegation({
        parent: parent.chain,
        signer: parent.key,
        confirmationKey: key.toJwk(),
        audience: authority.audience,
        clock,
        ...options,
      });
      return { chain, key };
    },
    async chain(links, from) {
      let last = from ?? (await scene.root());
      for (let i = 0; i < links; i++) last = await scene.delegate(last, { name: `sub-agent ${i + 1}` });
      return last;
    },
    async use(verifier, { chain, key }, request = CALL, other = {}) {
      const { audience } = authority;
      const proof = await createProof({ attestation: chain, signer: key, audience, request, clock });
      return verifier.verify(chain, { proof, ...request, ...other } as VerificationRequest);
    },
  };
  return scene;
}

export const codeOf = (result: VerificationResult): string => ("code" in result ? result.code : result.outcome);
