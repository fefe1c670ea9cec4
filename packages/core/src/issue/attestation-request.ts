import type { AgentIdentity } from "../claims/agent-identity.ts";
import type { AgentIntegrity } from "../claims/agent-integrity.ts";
import type { AttestationMetadata } from "../claims/attestation-metadata.ts";
import type { StatusReference } from "../claims/status-claim.ts";
import type { PublicJwk } from "../keys/jwk.ts";
import type { OptionNames } from "../options.ts";

/** Who an attestation is about, and what is said of it. */
export type AttestationRequest = {
  /** Who the agent is. The caller has checked it. */
  readonly identity: AgentIdentity;
  /** Digests of what the agent was set up with. Default: none are stated. */
  readonly integrity?: AgentIntegrity;
  /** What is said of the attestation itself. Default: `standard` safety level, no declared capabilities. */
  readonly metadata?: Partial<AttestationMetadata>;
  /** A SPIFFE ID. Default: `toSpiffeId(identity, trustDomain)`. */
  readonly subject?: string;
  /** Default: `<provider>.com`, if the provider is one label of a domain name, in lower case. */
  readonly trustDomain?: string;
  /** Seconds. Default: the issuer's `tokenLifetime`. */
  readonly lifetime?: number;
  /**
   * Where it is published whether the attestation was revoked: what `StatusListPublisher.allocate` of `@attest/status-list` answers
   * for the agent's key. Default: nowhere.
   */
  readonly status?: StatusReference;
  /** How many links of delegation may follow the attestation, 0–4; 0 forbids delegation. Default: 4, without saying so. */
  readonly maxDelegationDepth?: number;
} & (
  | {
      /** The agent's public key: the attestation is bound to it. The caller has checked that the agent holds it. */
      readonly confirmationKey: PublicJwk;
      /** The servers that it may be presented to. Default: not stated; each proof names its server. */
      readonly audience?: string | readonly string[];
      /**
       * A provider's attestation of the same agent for the same key, for an enterprise's attestation around it. The caller has
       * verified it: a server that trusts both takes the caller's word for nothing in it.
       */
      readonly nested?: string;
      readonly bearer?: never;
    }
  | {
      /** A 0.1.0 bearer attestation, for servers that know no other: anyone who holds a copy can present it, once. */
      readonly bearer: true;
      /** The servers that it may be presented to; needed, since no proof names one. */
      readonly audience: string | readonly string[];
      readonly confirmationKey?: never;
      readonly nested?: never;
    }
);

/** The name of every member of a request. */
export const REQUEST_OPTIONS: OptionNames<AttestationRequest> = {
  identity: true,
  integrity: true,
  metadata: true,
  subject: true,
  trustDomain: true,
  lifetime: true,
  status: true,
  nested: true,
  maxDelegationDepth: true,
  confirmationKey: true,
  audience: true,
  bearer: true,
};
