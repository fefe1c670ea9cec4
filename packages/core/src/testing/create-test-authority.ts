import type { AgentIdentity } from "../claims/agent-identity.ts";
import { type Clock, systemClock } from "../clock.ts";
import { AttestationIssuer } from "../issue/attestation-issuer.ts";
import type { AttestationRequest } from "../issue/attestation-request.ts";
import { createProof, type ProofOptions } from "../issue/create-proof.ts";
import type { ProofRequest } from "../jose/digest.ts";
import { InMemoryKeyResolver } from "../keys/in-memory-key-resolver.ts";
import { KeyPair } from "../keys/key-pair.ts";
import type { KeyResolver } from "../keys/key-resolver.ts";
import { type OptionNames, refuseUnknownOptions } from "../options.ts";
import { InMemoryReplayCache } from "../replay/in-memory-replay-cache.ts";
import type { VerifierOptions } from "../trust/verifier-options.ts";
import { AttestationVerifier } from "../verify/attestation-verifier.ts";

/** An authority, an agent and a verifier that trust each other, on one clock. */
export interface TestAuthority {
  /** The authority's name, `https://authority.example`. */
  readonly issuer: string;
  /** The verifier's resource identifier, `https://server.example/mcp`. */
  readonly audience: string;
  /** Who the agent is, in every attestation unless the request says otherwise. */
  readonly identity: AgentIdentity;
  /** The time of authority, agent and verifier, Unix seconds. */
  readonly clock: Clock;
  /** The key that attestations are signed with. */
  readonly authorityKey: KeyPair;
  /** Issues the attestations, and others that a test needs. */
  readonly attestationIssuer: AttestationIssuer;
  /** @deprecated Since 0.3 it is called `attestationIssuer`. Will be removed in the version after. */
  readonly provider: AttestationIssuer;
  /** The agent's own key. */
  readonly agentKey: KeyPair;
  /** Where the verifier finds the authority's key; remove it to see it refuse. */
  readonly keyResolver: InMemoryKeyResolver;
  /**
   * Options of a verifier that trusts this authority; spread and change them for another. Each reading gives a new replay
   * cache, made a minute ago by `clock`: one made now would refuse everything over HTTP while a clock stands still.
   */
  readonly verifierOptions: VerifierOptions & { readonly keyResolver: KeyResolver };
  /** A verifier made of `verifierOptions`; each use of an attestation is accepted once by it. */
  readonly verifier: AttestationVerifier;
  /** A bound attestation for the agent's key. */
  attest(request?: Partial<AttestationRequest>): Promise<string>;
  /** A bearer attestation for the audience. */
  attestBearer(request?: Partial<AttestationRequest>): Promise<string>;
  /** The agent's proof for one use of an attestation. */
  prove(
    attestation: string,
    request: ProofRequest,
    options?: Pick<ProofOptions, "accessToken" | "sessionId">,
  ): Promise<string>;
}

/** What a test authority is to be. */
export interface TestAuthorityOptions {
  /** Unix seconds; the same for authority, agent and verifier. Default: the machine's, `systemClock`. */
  readonly clock?: Clock;
}

const OPTIONS: OptionNames<TestAuthorityOptions> = { clock: true };

/**
 * Sets up everything that a test needs, with real keys and real signatures.
 *
 * @throws AttestationError `ERR_OPTION` for an option that is unknown.
 * @example
 * ```ts
 * import { createTestAuthority } from "@attest/core/testing";
 *
 * const { attest, prove, verifier } = await createTestAuthority();
 * const request = { kind: "message", method: "tools/list" } as const;
 * const attestation = await attest();
 * const result = await verifier.verify(attestation, { ...request, proof: await prove(attestation, request) });
 * ```
 */
export async function createTestAuthority(options: TestAuthorityOptions = {}): Promise<TestAuthority> {
  refuseUnknownOptions(options, OPTIONS, "a test authority");
  const { clock = systemClock } = options;
  const issuer = "https://authority.example";
  const audience = "https://server.example/mcp";
  const identity: AgentIdentity = { modelFamily: "example", modelVersion: "example-1", provider: "example" };
  const [authorityKey, agentKey] = await Promise.all([KeyPair.generate(), KeyPair.generate()]);
  const attestationIssuer = new AttestationIssuer({ issuer, signer: authorityKey, clock });
  const keyResolver = new InMemoryKeyResolver();
  await keyResolver.addKeyPair(issuer, authorityKey);
  const verifierOptions: TestAuthority["verifierOptions"] = {
    trustedIssuers: [{ issuer, trustLevel: "provider", trustDomains: ["example.com"] }],
    keyResolver,
    audience,
    clock,
    get replayCache() {
      return new InMemoryReplayCache({ clock: () => clock() - 60 });
    },
  };
  return {
    issuer,
    audience,
    identity,
    clock,
    authorityKey,
    attestationIssuer,
    provider: attestationIssuer,
    agentKey,
    keyResolver,
    verifierOptions,
    verifier: new AttestationVerifier(verifierOptions),
    attest: (request) =>
      attestationIssuer.createToken({ identity, confirmationKey: agentKey.toJwk(), ...request } as AttestationRequest),
    attestBearer: (request) =>
      attestationIssuer.createToken({ identity, bearer: true, audience, ...request } as AttestationRequest),
    prove: (attestation, request, extra) =>
      createProof({ attestation, signer: agentKey, audience, request, clock, ...extra }),
  };
}
