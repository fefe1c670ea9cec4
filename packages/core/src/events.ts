import type { AttestationKind, ForeignFormatName, Profile } from "./claims/attestation-kinds.ts";
import type { AttestationErrorCode, Reason } from "./errors.ts";
import type { KeyFetchCause } from "./key-fetch-cause.ts";
import type { Carrier } from "./wire/carriers.ts";
import type { TrustLevel, VerificationPolicy } from "./wire/policy.ts";
import type { ProofKind } from "./wire/proof-kinds.ts";

/** A sub-agent, by its key, and what its parent calls it: for logs, never for labels. */
export interface DelegatedTo {
  /** The parent's word, printable ASCII of at most 256 characters. */
  name?: string;
  /** RFC 7638 thumbprint of its key. */
  keyThumbprint: string;
}

/** One verification, ended. `issuer` is set only when it is a configured one, so that it can be a label (O2). */
export interface VerificationEvent {
  /** Tells this event from the others. */
  type: "verification";
  /** How it ended; `absent` and `unassessed` are what the policy lets pass without an identity. */
  outcome: "verified" | "absent" | "unassessed" | "refused";
  /** What the verifier demands of every message. */
  policy: VerificationPolicy;
  /** How far the server trusts the agent; `none` unless it is verified. */
  trustLevel: TrustLevel;
  /** The format of the token, where it could be recognised. */
  format?: AttestationKind | ForeignFormatName;
  /** @deprecated Since 0.3 `format` says this. Will be removed in the version after. */
  profile?: Profile;
  /** What was to bind the message to the token; absent where the token did not stand. */
  proof?: ProofKind;
  /** The configured issuer of the token. Absent where no trusted one was recognised. */
  issuer?: string;
  /** What the peer is sent. Absent where the agent is verified, or nothing was presented and that may be. */
  reason?: Reason;
  /** What the operator reads. Set exactly where `reason` is. */
  code?: AttestationErrorCode;
  /** Of a verified agent only. Unbounded: for logs, never for labels. */
  subject?: string;
  /** RFC 7638 thumbprint of the agent's key, of a verified bound agent only. Unbounded. */
  keyThumbprint?: string;
  /** The sub-agents between the attested agent and the one that called, which is the last; of a verified one only. */
  delegation?: readonly DelegatedTo[];
  /** Which definition of the called tool the agent decided on (SPEC §23), of a verified one only. Unbounded. */
  toolDigest?: string;
  /** The provider whose statement was verified inside that of `issuer`. A configured one. */
  nestedIssuer?: string;
  /**
   * What the peer wrote and the verifier read, for logs and never for labels: none of it is verified unless `outcome` is
   * `verified`. Absent where nothing was presented.
   */
  facts?: VerificationFacts;
  /** Whether the attestation was cached, so that only the proof's signature was verified. */
  remembered: boolean;
  /** Seconds, fractional. */
  duration: number;
}

/** The peer's own words, in printable ASCII of at most 256 characters, and the verifier's time; what is not known is absent. */
export interface VerificationFacts {
  /** The key that the attestation names. */
  kid?: string;
  /** The audience of the proof; without one, that of the attestation. */
  audience?: string;
  /** `iat`, Unix seconds: of the proof where that is what did not hold, else of the attestation. */
  issuedAt?: number;
  /** `exp` of the same, Unix seconds. A proof has no such claim. */
  expiresAt?: number;
  /** The verifier's time, Unix seconds. */
  now: number;
}

/** One attestation asked of an authority, as the authority or as the agent that asked sees it. */
export interface IssuanceEvent {
  /** Tells this event from the others. */
  type: "issuance";
  /** Whether there is an attestation. */
  outcome: "issued" | "failed";
  /** The kind of attestation that was asked for. */
  format: AttestationKind | ForeignFormatName;
  /** @deprecated Since 0.3 `format` says this. Will be removed in the version after. */
  profile: Profile;
  /** The authority itself. An agent knows its source, and not by whose name that signs. */
  issuer?: string;
  /** Why there is not one, where the error is one of ours. Absent from `issued`. */
  code?: AttestationErrorCode;
  /** Seconds, fractional. */
  duration: number;
}

/** One attempt to fetch a configured issuer's keys. */
export interface KeyFetchEvent {
  /** Tells this event from the others. */
  type: "key-fetch";
  /** `not-modified`: the source answered that the keys held are still its keys. */
  outcome: "fetched" | "not-modified" | "failed";
  /** The configured issuer whose keys were asked for. */
  issuer: string;
  /** The code of the error, or of a problem with a key of the set that an operator must act on. Otherwise absent. */
  code?: AttestationErrorCode;
  /** Set exactly where the outcome is `failed`. */
  cause?: KeyFetchCause;
  /** Seconds, fractional. */
  duration: number;
}

/**
 * A key of an issuer's set that is not used, or a `kid` that names another key than before (`ERR_KEY_DUPLICATE`). Holds
 * nothing of the key but its `kid`, which is the issuer's text: for logs, never for labels.
 */
export interface KeyProblem {
  /** Absent where the key has no `kid` of the right form. */
  kid?: string;
  /** Why the key is not used. */
  code: AttestationErrorCode;
  /** What is wrong, in our own words. */
  message: string;
}

/** What is held of a configured issuer's keys, whenever that changes. */
export interface KeySetEvent {
  /** Tells this event from the others. */
  type: "key-set";
  /** The configured issuer whose keys these are. */
  issuer: string;
  /** How many keys can be used. */
  keys: number;
  /** Whether they are served past their time because their source fails (J10). */
  stale: boolean;
  /** Keys of the set that are passed over, and replaced ones: the gravest first, at most 20. Absent where there are none. */
  problems?: readonly KeyProblem[];
}

/** Why a fetch of a status list failed. `outdated`: an older list than one before, or one that has expired. */
export type StatusListFetchCause = KeyFetchCause | "outdated";

/** What became of one fetch of a configured status list. Issuer and URI are configured ones. Times are Unix seconds. */
export interface StatusListEvent {
  /** Tells this event from the others. */
  type: "status-list";
  /** `not-modified`: the source answered that the list held is still its list. */
  outcome: "fetched" | "not-modified" | "failed";
  /** The configured issuer whose list it is. */
  issuer: string;
  /** The configured URI of the list. */
  uri: string;
  /** When it ended, by the clock of the fetching process. */
  at: number;
  /** The code of the error. Set exactly where the outcome is `failed`. */
  code?: AttestationErrorCode;
  /** Set exactly where the outcome is `failed`. `content`: not a list that can be used; `problem` says why. */
  cause?: StatusListFetchCause;
  /** The message of the error, where the outcome is `failed`. It repeats nothing that was received. */
  problem?: string;
  /** Of the list that is served from now on; absent if none is. */
  served?: {
    /** When it was signed, by `iat`. */
    readonly issuedAt: number;
    /** When it expires, by `exp`. */
    readonly expiresAt: number;
    /** How many entries it has. */
    readonly size: number;
  };
  /** Whether that list is past its time and serves because it cannot be fetched. */
  stale: boolean;
  /** Seconds, fractional. */
  duration: number;
}

/** A key of an authority's own store changed its state. */
export interface KeyRotationEvent {
  /** Tells this event from the others. */
  type: "key-rotation";
  /** What became of the key, in the order of its life: verifiers can fetch it, it signs, it signs no longer, it is gone. */
  action: "published" | "activated" | "retired" | "removed";
  /** The key's `kid`. */
  kid: string;
}

/** The state of a replay cache: its size when it knows it, a failure, a recovery, a loss of what it remembered. */
export interface ReplayCacheEvent {
  /** Tells this event from the others. */
  type: "replay-cache";
  /** What is reported. */
  state: "size" | "failed" | "recovered" | "state-lost";
  /** How many uses it holds. Set where the state is `size`. */
  entries?: number;
  /** Why the cache does not record uses, so that they are refused. Set where the state is `failed`. */
  code?: AttestationErrorCode;
}

/** What a server's guard did with one message. `method` is the peer's word: for logs, never for labels. */
export interface GuardEvent {
  /** Tells this event from the others. */
  type: "guard";
  /** What became of the message: passed to the server, answered with a refusal, or discarded without an answer. */
  action: "forward" | "reply" | "drop";
  /** How it brought its credentials. */
  carrier: Carrier;
  /** Its JSON-RPC method, as the peer wrote it. Absent from messages without one. */
  method?: string;
  /** The tool, prompt or resource that the message names, at most 256 characters. The peer's word, as `method`. */
  target?: string;
  /** What the client calls itself (`clientInfo.name`). The peer's word, as `method`. */
  client?: string;
  /**
   * `false` where the guard only reports (`enforce: false`): the message passed, and `reason` and `code` say why it would
   * have been refused.
   */
  enforced?: false;
  /** What bound the message to its token, of a verified agent. */
  proof?: ProofKind;
  /** The configured issuer of a verified agent. */
  issuer?: string;
  /** Of a verified agent only. Unbounded: for logs, never for labels. */
  subject?: string;
  /** The sub-agents that the message came by, if a sub-agent sent it. */
  delegation?: readonly DelegatedTo[];
  /** Why it was refused, or why the text of a peer's error was withheld. Absent where the message passed whole. */
  reason?: Reason;
  /** The same for the operator, more precisely. Set without `reason` for what is not exactly one message. */
  code?: AttestationErrorCode;
}

/**
 * What became of a ticket (SPEC §19). At a server: `granted`. At an agent: `obtained`, or `fallback` where a MAC proof was refused for this
 * reason, so that the request was sent once more with a signature.
 */
export interface TicketEvent {
  /** Tells this event from the others. */
  type: "ticket";
  /** What became of it. */
  action: "granted" | "obtained" | "fallback";
  /** At a server: the configured issuer of the agent. */
  issuer?: string;
  /** Why the server refused the MAC. Set exactly where the action is `fallback`. */
  reason?: Reason;
}

/** A handler's own demand on the agent, met or not. */
export interface DemandEvent {
  /** Tells this event from the others. */
  type: "demand";
  /** Whether the handler may run. */
  outcome: "met" | "refused";
  /** The JSON-RPC method of the message that the handler answers. */
  method?: string;
  /** The tool, prompt or resource that demands. */
  target?: string;
  /** What bound the message to its token, of a verified agent. */
  proof?: ProofKind;
  /** The configured issuer of a verified agent. */
  issuer?: string;
  /** Of a verified agent only. Unbounded: for logs, never for labels. */
  subject?: string;
  /** As in `GuardEvent`. */
  delegation?: readonly DelegatedTo[];
  /** As in `VerificationEvent`. */
  toolDigest?: string;
  /** What the peer is sent. Set exactly where the outcome is `refused`. */
  reason?: Reason;
  /** What the operator reads. Set exactly where the outcome is `refused`. */
  code?: AttestationErrorCode;
}

/**
 * Everything that can be observed, as one closed union. It never holds a token, proof, key, access token, session id or
 * the text of a backend's error (O1).
 */
export type AttestationEvent =
  | VerificationEvent
  | IssuanceEvent
  | KeyFetchEvent
  | KeySetEvent
  | StatusListEvent
  | KeyRotationEvent
  | ReplayCacheEvent
  | GuardEvent
  | TicketEvent
  | DemandEvent;
