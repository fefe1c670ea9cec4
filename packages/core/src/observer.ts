import type { Profile } from "./claims/profile.ts";
import { type AttestationErrorCode, optionError, type Reason } from "./errors.ts";
import type { TrustLevel, VerificationPolicy } from "./verify/policy.ts";

/** One verification, ended. `issuer` is set only when it is a configured one, so that it can be a label (O2). */
export interface VerificationEvent {
  type: "verification";
  outcome: "verified" | "absent" | "unassessed" | "refused";
  policy: VerificationPolicy;
  trustLevel: TrustLevel;
  profile?: Profile;
  issuer?: string;
  reason?: Reason;
  code?: AttestationErrorCode;
  /** Of a verified agent only. Unbounded: for logs, never for labels. */
  subject?: string;
  /** RFC 7638 thumbprint of the agent's key, of a verified bound agent only. Unbounded. */
  keyThumbprint?: string;
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
  /** `iat` and `exp`, Unix seconds, of the proof where that is what did not hold, else of the attestation. */
  issuedAt?: number;
  expiresAt?: number;
  /** The verifier's time, Unix seconds. */
  now: number;
}

/** One attestation asked of an authority, as the authority or as the agent that asked sees it. */
export interface IssuanceEvent {
  type: "issuance";
  outcome: "issued" | "failed";
  profile: Profile;
  /** The authority itself. An agent knows its source, and not by whose name that signs. */
  issuer?: string;
  code?: AttestationErrorCode;
  duration: number;
}

/**
 * Why a fetch of keys failed. A closed set, so it can be a label.
 *
 * `address`: the host is not at a public address. `dns`: its name does not resolve. `connection`: refused, unreachable, or
 * broken off. `tls`: the handshake or the certificate. `timeout`: no whole answer within the deadline. `redirect`: one that
 * is not followed. `status`: any other than 200. `size`: more bytes than allowed. `content`: not HTTP, not decodable, or not
 * a key set. `closed`: the resolver was closed. `other`: anything else.
 */
export type KeyFetchCause =
  | "address"
  | "dns"
  | "connection"
  | "tls"
  | "timeout"
  | "redirect"
  | "status"
  | "size"
  | "content"
  | "closed"
  | "other";

/** One attempt to fetch a configured issuer's keys. */
export interface KeyFetchEvent {
  type: "key-fetch";
  outcome: "fetched" | "not-modified" | "failed";
  issuer: string;
  code?: AttestationErrorCode;
  /** Set exactly where the outcome is `failed`. */
  cause?: KeyFetchCause;
  duration: number;
}

/**
 * A key of an issuer's set that is not used, or a `kid` that names another key than before (`ERR_KEY_DUPLICATE`). Holds
 * nothing of the key but its `kid`, which is the issuer's text: for logs, never for labels.
 */
export interface KeyProblem {
  /** Absent where the key has no `kid` of the right form. */
  kid?: string;
  code: AttestationErrorCode;
  /** What is wrong, in our own words. */
  message: string;
}

/** What is held of a configured issuer's keys, whenever that changes. */
export interface KeySetEvent {
  type: "key-set";
  issuer: string;
  /** How many keys can be used. */
  keys: number;
  /** Whether they are served past their time because their source fails (J10). */
  stale: boolean;
  /** Keys of the set that are passed over, and replaced ones: the gravest first, at most 20. Absent where there are none. */
  problems?: readonly KeyProblem[];
}

/** A key of an authority's own store changed its state. */
export interface KeyRotationEvent {
  type: "key-rotation";
  action: "published" | "activated" | "retired" | "removed";
  kid: string;
}

/** The state of a replay cache: its size when it knows it, a failure, a recovery, a loss of what it remembered. */
export interface ReplayCacheEvent {
  type: "replay-cache";
  state: "size" | "failed" | "recovered" | "state-lost";
  entries?: number;
  code?: AttestationErrorCode;
}

/** What a server's guard did with one message. `method` is the peer's word: for logs, never for labels. */
export interface GuardEvent {
  type: "guard";
  action: "forward" | "reply" | "drop";
  carrier: "in-band" | "headers" | "bearer" | "session" | "none";
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
  issuer?: string;
  subject?: string;
  reason?: Reason;
  code?: AttestationErrorCode;
}

/** A handler's own demand on the agent, met or not. */
export interface DemandEvent {
  type: "demand";
  outcome: "met" | "refused";
  method?: string;
  /** The tool, prompt or resource that demands. */
  target?: string;
  issuer?: string;
  subject?: string;
  reason?: Reason;
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
  | KeyRotationEvent
  | ReplayCacheEvent
  | GuardEvent
  | DemandEvent;

/** An operation that has a beginning and an end, with the trace context (W3C) that it belongs to, already checked for form. */
export interface ObservedOperation {
  name: "verify" | "issue" | "jwks.fetch";
  traceparent?: string;
  tracestate?: string;
}

/**
 * Watches. It decides nothing, and nothing it does is believed: what it throws is swallowed, a promise it rejects too.
 * It runs in line with the operation it watches, so it should be quick.
 */
export interface Observer {
  /** Called with everything that happens, once it has happened. */
  onEvent?(event: AttestationEvent): void;
  /** Called when an operation begins; what it returns is called once with that operation's closing event. */
  // biome-ignore lint/suspicious/noConfusingVoidType: an observer without interest in the end simply returns nothing
  onStart?(operation: ObservedOperation): ((outcome: AttestationEvent) => void) | void;
}

/**
 * Refuses what cannot watch, such as the function that makes an observer. For every package's constructors: nobody would
 * miss what is never told.
 *
 * @throws AttestationError `ERR_OPTION` unless it has `onEvent` or `onStart`, or is `undefined`.
 */
export function assertObserver(observer: unknown): asserts observer is Observer | undefined {
  if (observer === undefined) return;
  const { onEvent, onStart } = (observer ?? {}) as Partial<Observer>;
  const known = [onEvent, onStart].filter((watch) => watch !== undefined);
  if (known.length === 0 || !known.every((watch) => typeof watch === "function")) {
    throw optionError("observer", "must have a function onEvent or onStart");
  }
}

/**
 * One observer that passes everything on to each of several; one of them failing does not keep it from the others.
 *
 * @throws AttestationError `ERR_OPTION` if one of them can watch nothing.
 */
export function combineObservers(...observers: Observer[]): Observer {
  for (const observer of observers) assertObserver(observer ?? null);
  return {
    onEvent(event) {
      for (const observer of observers) notify(observer, event);
    },
    onStart(operation) {
      const ends = observers.map((observer) => begin(observer, operation));
      return (outcome) => {
        for (const end of ends) end(outcome);
      };
    },
  };
}

/** Hands one event to an observer, whatever the observer does. */
export function notify(observer: Observer | undefined, event: AttestationEvent): void {
  if (observer?.onEvent) shielded(() => observer.onEvent?.(event));
}

/** Tells an observer that an operation begins; the returned function ends it. */
export function begin(
  observer: Observer | undefined,
  operation: ObservedOperation,
): (outcome: AttestationEvent) => void {
  if (!observer?.onStart) return () => {};
  const end = shielded(() => observer.onStart?.(operation));
  return (outcome) => {
    if (typeof end === "function") shielded(() => end(outcome));
  };
}

function shielded<T>(call: () => T): T | undefined {
  try {
    const result = call();
    // An async method still satisfies `void`; its rejection must not become an unhandled one.
    if (result instanceof Promise) result.catch(() => {});
    return result;
  } catch {
    return undefined;
  }
}
