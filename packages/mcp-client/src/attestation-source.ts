import {
  type AgentIdentity,
  type AttestationIssuer,
  type AttestationRequest,
  type OptionNames,
  optionError,
  type PublicJwk,
  refuseUnknownOptions,
} from "@attest/core";

/** What an agent asks its source for. */
export interface AttestationAsk {
  /** The public key that the attestation is to be bound to. */
  readonly confirmationKey: PublicJwk;
  /** The server it is meant for. An authority may leave it out of the attestation. */
  readonly audience?: string;
  /**
   * Proves to an authority that the agent holds the private half of the key, by a signature over the authority's challenge
   * (SPEC-8.9).
   *
   * @param challenge What the authority sent. @param authority The authority's address, exactly as the client has it
   * configured. The signature then names it (form 2), so that another authority cannot use it. Leave it out only for an
   * authority that asks for no form (form 1).
   * @returns base64url of the raw signature over the UTF-8 of `io.github.attest/possession/2`, the address and the
   * challenge, or of `io.github.attest/possession` and the challenge, joined by line feeds.
   */
  provePossession(challenge: string, authority?: string): Promise<string>;
  /** Aborted when the agent no longer waits. */
  readonly signal?: AbortSignal;
}

/** Where attestations come from: a provider in this process, an authority's service, or anything else that answers. */
export interface AttestationSource {
  /**
   * Returns a bound attestation for the agent's key. If none is available, rejects with an `AttestationError`, which the
   * agent passes on as a cause, or with anything else, which the agent does not pass on.
   */
  getAttestation(ask: AttestationAsk): Promise<string>;
  /** Returns a 0.1.0 bearer attestation for one audience. Only for agents that call servers which know no other. */
  getBearerAttestation?(ask: { readonly audience: string; readonly signal?: AbortSignal }): Promise<string>;
}

/** What else the attestations of a local source say, as `AttestationIssuer.createToken` takes it. */
export type LocalSourceOptions = Pick<
  AttestationRequest,
  "integrity" | "metadata" | "subject" | "trustDomain" | "lifetime"
>;

const OPTIONS: OptionNames<LocalSourceOptions> = {
  integrity: true,
  metadata: true,
  subject: true,
  trustDomain: true,
  lifetime: true,
};

/**
 * A source in this process: for tests, demos, and agents that are their own authority.
 *
 * @param provider Issues the attestations.
 * @param identity What the attestations say of the agent.
 * @param options What else they say.
 * @throws AttestationError `ERR_OPTION`; from the source, what `createToken` throws.
 * @example
 * ```ts
 * import { AttestationIssuer, KeyPair } from "@attest/core";
 * import { localSource } from "@attest/mcp-client";
 *
 * const authority = new AttestationIssuer({ issuer: "https://authority.example", signer: await KeyPair.generate() });
 * const identity = { modelFamily: "example", modelVersion: "example-1", provider: "example" };
 * const source = localSource(authority, identity);
 * ```
 */
export function localSource(
  provider: AttestationIssuer,
  identity: AgentIdentity,
  options: LocalSourceOptions = {},
): AttestationSource {
  refuseUnknownOptions(options, OPTIONS, "a local source");
  if (typeof provider?.createToken !== "function") throw optionError("provider", "must be an AttestationIssuer");
  return {
    getAttestation: ({ confirmationKey }) => provider.createToken({ ...options, identity, confirmationKey }),
    getBearerAttestation: ({ audience }) => provider.createToken({ ...options, identity, bearer: true, audience }),
  };
}
