import type { Allow, AttestationErrorCode, AttestationEvent, Reason, TrustLevel } from "@attest/core";
import type { CallRecord } from "demo-mcp-server";

/** What an agent of the demo experienced. */
export interface AgentEvent {
  readonly type: "agent";
  readonly name: string;
  /** `unattested`: it got no attestation, so that it has nothing to show to the bank. */
  readonly state: "connecting" | "verified" | "refused" | "unattested" | "away";
  readonly trustLevel?: TrustLevel;
  readonly reason?: Reason;
}

/** A call of a sub-agent that the bank turned away at the door, so that its records do not say whose it was. */
export interface AttemptEvent {
  readonly type: "attempt";
  readonly name: string;
  readonly tool: string;
  readonly reason: Reason;
}

/** Somebody revoked an agent from the console, or let it back in. */
interface RevocationEvent {
  readonly type: "revocation";
  readonly name: string;
  readonly action: "revoked" | "reinstated";
  readonly by: Revoker;
}

/** Who revokes an agent: its authority, by a status list that all servers ask, or the bank alone. */
type Revoker = "authority" | "bank";

/** An attack that somebody launched from the console, at its beginning and at its end. */
interface AttackEvent {
  readonly type: "attack";
  readonly id: string;
  readonly name: string;
  readonly phase: "launched" | "blocked" | "breached" | "inconclusive";
  readonly reason?: Reason;
  readonly code?: AttestationErrorCode;
}

/** One thing that happened, as the console's server tells its pages. */
export interface FeedEntry {
  readonly id: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Who told: `server 2`, `authority`, `agent`, `console`. */
  readonly source: string;
  readonly event: AttestationEvent | CallRecord | AgentEvent | AttemptEvent | AttackEvent | RevocationEvent;
}

/** An agent of the demo, as the page introduces it. */
export interface AgentProfile {
  readonly name: string;
  readonly description: string;
  /** Absent: it has no attestation. */
  readonly subject?: string;
  readonly issuer?: string;
  /** Who can revoke it; absent for one that has nothing to revoke. */
  readonly revocableBy?: Revoker;
  /** Who delegated to it, under which name, and what for; absent for an agent that is attested itself. */
  readonly delegation?: { readonly by: string; readonly name: string; readonly allow?: Allow };
}

/** An attack that can be launched. */
export interface AttackProfile {
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

/** What a page asks once, when it opens. */
export interface DemoProfile {
  readonly audience: string;
  readonly agents: readonly AgentProfile[];
  readonly attacks: readonly AttackProfile[];
  readonly replicas: number;
  readonly replayCache: "memory" | "Redis";
}

/** What came of an attack: where the server stopped it, by its own log. */
export interface AttackOutcome {
  readonly outcome: "blocked" | "breached" | "inconclusive";
  /** What stopped it. */
  readonly defence?: string;
  /** The reason sent to the attacker. */
  readonly reason?: Reason;
  /** What the operator's log says. */
  readonly code?: AttestationErrorCode;
  readonly evidence?: string;
}

/** What the demo makes for the token inspector. */
export type SampleKind = "attestation" | "chain";

/** What a browser needs to verify an attestation itself: public keys, and whom the demo's server trusts. */
export interface TrustMaterial {
  readonly audience: string;
  readonly issuers: readonly {
    readonly issuer: string;
    readonly trustLevel: "enterprise" | "provider";
    readonly trustDomains: readonly [string, ...string[]];
    readonly keys: readonly object[];
    /** Whether what another trusted issuer says in its attestations is verified too. */
    readonly nested?: boolean;
  }[];
}
