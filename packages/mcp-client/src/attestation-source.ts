import {
  type AgentIdentity,
  type AttestationProvider,
  type AttestationRequest,
  optionError,
  type PublicJwk,
  refuseUnknownOptions,
} from "@attest/core";

/** What an agent asks of an authority. */
export interface AttestationAsk {
  /** The public key that the attestation shall be bound to. */
  readonly confirmationKey: PublicJwk;
  /** The server it is meant for; an authority may leave it out of the attestation. */
  readonly audience?: string;
  /**
   * Proves that the agent holds the private half: signs a challenge of the authority's.
   *
   * @returns base64url of the raw signature over the UTF-8 of `io.github.attest/possession`, a line feed, the challenge.
   */
  provePossession(challenge: string): Promise<string>;
  /** Aborted when the agent waits no longer. */
  readonly signal?: AbortSignal;
}

/** Where attestations come from: a provider in this process, an authority's service, or anything else that answers. */
export interface AttestationSource {
  /**
   * A bound attestation for the agent's key. Rejects when there is none to be had: by an `AttestationError`, which the
   * agent hands on as a cause, or by anything else, which it keeps to itself.
   */
  getAttestation(ask: AttestationAsk): Promise<string>;
  /** A 0.1.0 bearer attestation, made out to one audience. Only for agents that call servers which know no other. */
  getBearerAttestation?(ask: { readonly audience: string; readonly signal?: AbortSignal }): Promise<string>;
}

/** What else a local source has attested, as `AttestationProvider.createToken` takes it. */
export type LocalSourceOptions = Pick<
  AttestationRequest,
  "integrity" | "metadata" | "subject" | "trustDomain" | "lifetime"
>;

const KNOWN_OPTIONS: readonly (keyof LocalSourceOptions)[] = [
  "integrity",
  "metadata",
  "subject",
  "trustDomain",
  "lifetime",
];

/**
 * A source in this process: for tests, demos, and agents that are their own authority.
 *
 * @param identity What the attestations say of the agent. @param options What else they say.
 * @throws AttestationError `ERR_OPTION`; from the source, what `createToken` throws.
 */
export function localSource(
  provider: AttestationProvider,
  identity: AgentIdentity,
  options: LocalSourceOptions = {},
): AttestationSource {
  refuseUnknownOptions(options, KNOWN_OPTIONS, "a local source");
  if (typeof provider?.createToken !== "function") throw optionError("provider", "must be an AttestationProvider");
  return {
    getAttestation: ({ confirmationKey }) => provider.createToken({ ...options, identity, confirmationKey }),
    getBearerAttestation: ({ audience }) => provider.createToken({ ...options, identity, bearer: true, audience }),
  };
}
