import type { Advice, Reason } from "@attest/core";

/** An attestation and the proof of one use. */
export interface Credentials {
  /** The attestation, or a chain of delegations. Anyone who reads it learns who the agent is. */
  readonly attestation: string;
  /** The proof, valid for this use only. */
  readonly proof: string;
  /** The proof's `iat`: when it was made, Unix seconds, by the clock as corrected for its server. */
  readonly issuedAt: number;
  /** What the proof is. */
  readonly kind: "signature" | "mac";
}

/** What credentials are made for besides the request. */
export interface CredentialContext {
  /** The access token of the HTTP request that the proof travels with. */
  readonly accessToken?: string;
  /** Its session id. */
  readonly sessionId?: string;
  /**
   * Prove by a MAC where there is a ticket, and ask for one where there is none. Only for callers that give each answer back to
   * `settle` or `learn`. Absent: sign, and ask for nothing.
   */
  readonly tickets?: TicketUse;
}

/** What a message is about: what a server can demand signatures for. */
export interface MessageName {
  /** The JSON-RPC method; `undefined` where the message has none, or it is not known. */
  readonly method?: string | undefined;
  /** The name of a tool or prompt, or the URI of a resource. */
  readonly target?: string | undefined;
}

/** How one message may use tickets. */
export interface TicketUse extends MessageName {
  /** Whether its answer can bring a ticket. */
  readonly ask: boolean;
  /** Whether a MAC was refused, so that it must be signed. Default false. */
  readonly sign?: boolean;
  /** Whether it is an `initialize`, which is always signed. Default: as `method` says. */
  readonly initialize?: boolean;
}

/** A server's refusal of one message or HTTP request. */
export interface Refusal {
  /** Why the server refused, as it sent it. */
  readonly reason: Reason;
  /** What the refusal brought back for the agent to act on. */
  readonly advice?: Advice;
  /** What the refused message or request carried. */
  readonly credentials: Credentials;
}
