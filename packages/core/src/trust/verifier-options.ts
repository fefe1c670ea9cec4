import type { DelegationLink } from "../claims/delegation-link.ts";
import type { RegisteredClaims } from "../claims/registered-claims.ts";
import type { Clock } from "../clock.ts";
import type { JwsLimits } from "../jose/jws-limits.ts";
import type { SigningAlgorithm } from "../keys/algorithms.ts";
import type { KeyResolver } from "../keys/key-resolver.ts";
import type { Observer } from "../observer.ts";
import type { OptionNames } from "../options.ts";
import type { ReplayCache } from "../replay/replay-cache.ts";
import type { Tickets } from "../tickets/tickets.ts";
import type { VerificationPolicy } from "../wire/policy.ts";
import type { StatusSource } from "./status-source.ts";
import type { TokenFormat } from "./token-format.ts";
import type { ConfiguredIssuer, TrustedIssuer } from "./trusted-issuer.ts";

/** What a verifier trusts and demands. Validated and copied at construction. Durations are seconds. */
export interface VerifierOptions {
  /** The authorities that this server trusts; attestations of all others are refused. */
  readonly trustedIssuers: readonly [TrustedIssuer, ...TrustedIssuer[]];
  /** Where the keys of issuers are found that do not list them (`keys`). Needed unless every issuer does. */
  readonly keyResolver?: KeyResolver;
  /** This server's resource identifier, an absolute URI; several if it is known by several. */
  readonly audience: string | readonly [string, ...string[]];
  /** Default `required`. */
  readonly policy?: VerificationPolicy;
  /** Accept 0.1.0 bearer attestations of every issuer that lists no `formats`. Anyone who holds a copy can present one, once. Default false. */
  readonly allowBearer?: boolean;
  /** Also accept attestations issued for several audiences. Any of those servers could present one to the others. Default false. */
  readonly allowMultipleAudiences?: boolean;
  /** Optional claims that must be there, by wire name, dotted for inner ones: `agent_integrity.config_hash`. */
  readonly requiredClaims?: readonly string[];
  /** What an agent may sign proofs with. Default `["Ed25519", "ES256"]`. */
  readonly proofAlgorithms?: readonly SigningAlgorithm[];
  /** Default: a new `InMemoryReplayCache` on this verifier's clock, for one process. */
  readonly replayCache?: ReplayCache;
  /**
   * `multiple`: several processes serve this audience, so the replay cache must be shared (R6). `single` is refused in a worker
   * of `node:cluster`, unless the cache is shared. Default `single`.
   */
  readonly instances?: "single" | "multiple";
  /** Unix seconds. Default: the machine's. */
  readonly clock?: Clock;
  /** How far a peer's clock may differ from this one. Default 30, at most 300. */
  readonly clockTolerance?: number;
  /** How old a proof may be. Default 60, at most 300. */
  readonly proofWindow?: number;
  /** How far the clocks of this server's own instances may differ. Default 5, from 1 to 300. */
  readonly nodeSkew?: number;
  /**
   * Longest accepted lifetime, by the name of a format. Default and upper limit: `attestation` and `wimse-wit` 3600, `bearer` 900.
   * `spiffe-jwt-svid`: default 900, at most 3600.
   */
  readonly maxLifetime?: Readonly<Partial<Record<TokenFormat["name"], number>>>;
  /**
   * Bound attestations kept at most once a proof for them was accepted, so that later ones cost one signature and not two.
   * Each takes a few kilobytes. Default 10,000, from 1 to 1,000,000.
   */
  readonly maxCachedAttestations?: number;
  /**
   * Links of delegation that are accepted after an attestation: how far from the attested agent a sub-agent may be. Default 0, so
   * that no chain is accepted; at most 4.
   */
  readonly maxDelegationDepth?: 0 | 1 | 2 | 3 | 4;
  /**
   * Called for every attestation, cached ones included, with `this` set to these options. Return `true` to refuse. A throw or any
   * other value refuses as unavailable. Default: nothing is revoked.
   *
   * Called once for each layer of a nested attestation. For a sub-agent it is called with the root's claims, after the links were
   * verified; `about.delegation` has the links, so that one sub-agent can be revoked by its `keyThumbprint`.
   */
  isRevoked?(
    claims: RegisteredClaims,
    about: { readonly delegation?: readonly DelegationLink[] },
  ): boolean | Promise<boolean>;
  /**
   * Tells by status lists whether attestations were revoked, cached ones included: `HttpStatusSource` of `@attest/status-list`. Needed
   * exactly where a trusted issuer has `statusLists`. The verifier does not close it.
   */
  readonly statusSource?: StatusSource;
  /**
   * Tickets: after one signed proof an agent may prove its messages by MACs for a while, which costs both sides a tenth (SPEC §19). A MAC proves
   * to this server who sent a message, and proves nothing to anybody else. `false`: every message needs a signature. Default: on for one
   * instance; with `instances: "multiple"` on where there is a `ring`.
   */
  readonly tickets?: false | TicketOptions;
  /** Notified of every verification. Default: nobody. */
  readonly observer?: Observer;
}

/** How a server grants tickets. */
export interface TicketOptions {
  /** Seconds for which a ticket is valid, from 30 to 3600. Until then its key is good from anywhere, whatever happens to the agent's own. Default 300. */
  readonly lifetime?: number;
  /**
   * 1–8 secrets of at least 32 bytes, the same on every instance of this server: the first seals tickets, all of them open some. Anyone who has
   * one can make MAC proofs for attestations that he has seen. Needs a replay cache that is shared. Default: 32 random bytes of this process.
   */
  readonly ring?: readonly Uint8Array[];
}

/** The options with every default filled in: immutable, and the only configuration the checks read. */
export interface VerifierConfiguration {
  /** The trusted issuers, by `iss`. */
  readonly issuers: ReadonlyMap<string, ConfiguredIssuer>;
  /** The one issuer of each trust domain. */
  readonly issuersByTrustDomain: ReadonlyMap<string, ConfiguredIssuer>;
  /** The formats that any issuer may issue, in the order in which a token is compared with them. */
  readonly formats: readonly TokenFormat[];
  /** What a token of any of them may look like. */
  readonly tokenLimits: JwsLimits;
  /** Finds their keys, those that are configured by value included. */
  readonly keyResolver: KeyResolver;
  /** This server's resource identifiers. */
  readonly audiences: readonly string[];
  /** What happens to a message without a valid attestation. */
  readonly policy: VerificationPolicy;
  /** Whether attestations issued for several audiences are accepted. */
  readonly allowMultipleAudiences: boolean;
  /** The optional claims that must be there, by wire name. */
  readonly requiredClaims: readonly string[];
  /** What an agent may sign proofs with. */
  readonly proofAlgorithms: readonly SigningAlgorithm[];
  /** Where each use is recorded, so that it is accepted once. */
  readonly replayCache: ReplayCache;
  /** Unix seconds. */
  readonly clock: Clock;
  /** How far a peer's clock may differ, seconds. */
  readonly clockTolerance: number;
  /** How old a proof may be, seconds, clocks apart. */
  readonly proofWindow: number;
  /** How far the clocks of this server's own instances may differ, seconds. */
  readonly nodeSkew: number;
  /** By the name of a format. */
  readonly maxLifetime: ReadonlyMap<string, number>;
  /** How many bound attestations are cached at most. */
  readonly maxCachedAttestations: number;
  /** How many links of delegation are accepted after an attestation; 0 accepts no chain. */
  readonly maxDelegationDepth: number;
  /** As given, bound to its options. */
  readonly isRevoked: VerifierOptions["isRevoked"];
  /** Tells whether attestations were revoked; `undefined` where no issuer has status lists. */
  readonly statusSource: StatusSource | undefined;
  /** What grants and opens tickets; `undefined` where there are none. */
  readonly tickets: Tickets | undefined;
  /** Notified of every verification; `undefined` where nobody is. */
  readonly observer: Observer | undefined;
}

/** All verifier option names, for code that accepts them together with options of its own. */
export const VERIFIER_OPTIONS: OptionNames<VerifierOptions> = /* @__PURE__ */ Object.freeze({
  trustedIssuers: true,
  keyResolver: true,
  audience: true,
  policy: true,
  allowBearer: true,
  allowMultipleAudiences: true,
  requiredClaims: true,
  proofAlgorithms: true,
  replayCache: true,
  instances: true,
  clock: true,
  clockTolerance: true,
  proofWindow: true,
  nodeSkew: true,
  maxLifetime: true,
  maxCachedAttestations: true,
  maxDelegationDepth: true,
  isRevoked: true,
  statusSource: true,
  tickets: true,
  observer: true,
});
