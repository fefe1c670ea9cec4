import type {
  AttestationEvent,
  DemandEvent,
  GuardEvent,
  IssuanceEvent,
  KeyRotationEvent,
  TicketEvent,
  VerificationEvent,
} from "@attest/core";

/** What is a decision, about an agent, a message or a key, and so belongs into an audit log. */
export type AuditEvent = VerificationEvent | GuardEvent | DemandEvent | TicketEvent | IssuanceEvent | KeyRotationEvent;

/** Where a log stands: what the next line builds on, and what is kept elsewhere to find it cut off. */
export interface AuditHead {
  /** Lines so far. */
  readonly entries: number;
  /** The last line's `hash`; of an empty log 43 times `A`. */
  readonly head: string;
}

/** What one line holds, in this order. */
export interface AuditEntry {
  /** Version of this schema. */
  readonly v: 1;
  /** The line's number, from 0. */
  readonly seq: number;
  /** Unix seconds, with fractions if the clock has them; `null` from a clock that tells no time. */
  readonly time: number | null;
  /** The event, its members as `@attest/core` documents them. */
  readonly event: AuditEvent;
  /** The `hash` of the line before. */
  readonly prev: string;
  /** base64url SHA-256 of this line's UTF-8 without this member: all before `,"hash":`, and `}`. */
  readonly hash: string;
}

export const EMPTY_LOG: AuditHead = Object.freeze({ entries: 0, head: "A".repeat(43) });

/** What is kept of each kind of decision, by name, so that nothing that is added to an event gets here unseen (O1). */
const KEPT: { readonly [T in AuditEvent["type"]]: readonly (keyof Extract<AuditEvent, { type: T }>)[] } = {
  verification: [
    "type",
    "outcome",
    "policy",
    "trustLevel",
    "format",
    "profile",
    "proof",
    "issuer",
    "reason",
    "code",
    "subject",
    "keyThumbprint",
    "delegation",
    "toolDigest",
    "nestedIssuer",
    "remembered",
    "duration",
  ],
  guard: [
    "type",
    "action",
    "enforced",
    "carrier",
    "method",
    "target",
    "client",
    "proof",
    "issuer",
    "subject",
    "delegation",
    "reason",
    "code",
  ],
  demand: [
    "type",
    "outcome",
    "method",
    "target",
    "proof",
    "issuer",
    "subject",
    "delegation",
    "toolDigest",
    "reason",
    "code",
  ],
  issuance: ["type", "outcome", "format", "profile", "issuer", "code", "duration"],
  ticket: ["type", "action", "issuer", "reason"],
  "key-rotation": ["type", "action", "kid"],
};

/** What is kept of an event, in the order of the schema; `undefined` for one that is not a decision. */
export function audited(event: AttestationEvent): AuditEvent | undefined {
  if (!Object.hasOwn(KEPT, event.type)) return undefined;
  const members = KEPT[event.type as AuditEvent["type"]] as readonly string[];
  const from = event as unknown as Record<string, unknown>;
  return Object.fromEntries(members.map((name) => [name, from[name]])) as unknown as AuditEvent;
}
