import type { ProofRequest } from "@attest/core";
import type { Answer } from "./answer.ts";
import type { Era } from "./envelope.ts";
import type { HonestAgent } from "./honest-agent.ts";
import type { LabOptions } from "./lab-options.ts";

/**
 * What a target makes possible beyond a plain exchange:
 *
 * - `issuance`: attestations for keys of one's choice; without it there is one attestation for one key
 * - `authority`: the key of an authority that the target trusts, the tester's own
 * - `issuer-key`: that authority's public key
 * - `bearer`: 0.1.0 bearer attestations, which the target accepts
 * - `trust-domain`: JWT-SVIDs and WITs of a SPIFFE trust domain, the tester's own
 * - `tool`: a guarded operation with a demand of its own that may be called
 * - `live`: a server, not only a verifier
 * - `http`: messages as HTTP requests; `sessions`: an `Mcp-Session-Id` as well
 * - `connection`: several messages on one connection or session that has an owner
 * - `shared`: several agents on one connection, which has no owner
 * - `revocation`: attestations can be revoked
 * - `status-list`: the target asks a status list of the authority, in which the honest agent is valid
 * - `list-server`: that list's server, and the target's time, are the tester's own
 * - `relay`, `echo`, `slow`, `task`, `completion`, `restart`: what a lab has (`LabOptions`)
 */
export type Offer =
  | "issuance"
  | "authority"
  | "issuer-key"
  | "bearer"
  | "trust-domain"
  | "status-list"
  | "list-server"
  | "tool"
  | "live"
  | "http"
  | "sessions"
  | "connection"
  | "shared"
  | "revocation"
  | "relay"
  | "echo"
  | "slow"
  | "task"
  | "completion"
  | "restart";

/** How credentials travel (SPEC §4). */
export type Carrier = "in-band" | "headers" | "bearer";

/** What is presented with a message. The values are what an attacker makes of them: of any type, of any content. */
export interface Credentials {
  readonly attestation?: unknown;
  readonly proof?: unknown;
}

/** A JSON-RPC message without the parts that a channel fills in. */
export type Message =
  | { readonly kind: "request"; readonly method: string; readonly params?: Readonly<Record<string, unknown>> }
  | { readonly kind: "notification"; readonly method: string; readonly params?: Readonly<Record<string, unknown>> }
  | { readonly kind: "response"; readonly id: number; readonly result: Readonly<Record<string, unknown>> }
  /** HTTP only: it has no place for credentials of its own. */
  | { readonly kind: "error"; readonly id: number; readonly error: { readonly code: number; readonly message: string } }
  /** HTTP only: a request without a message. */
  | { readonly kind: "bodiless"; readonly method: "GET" | "DELETE" };

/** How a message is to be sent. */
export interface OccasionOptions {
  /** Default: headers over HTTP, in-band elsewhere. */
  readonly carrier?: Carrier;
  /** HTTP fields beside the usual ones; a list is sent as several fields. */
  readonly fields?: Readonly<Record<string, string | readonly string[]>>;
  /** Goes into a `Bearer` `Authorization` field. */
  readonly accessToken?: string;
  /** In the place of the channel's own; `null` sends none. */
  readonly sessionId?: string | null;
  /** HTTP method of a message, in the place of `POST`. */
  readonly httpMethod?: string;
  /** The protocol's era in which it is written, in the place of the target's own. */
  readonly era?: Era;
  /** The id of a request, in the place of a new one. */
  readonly id?: number;
}

/** One message about to be sent, as often as one likes, each time the same to the byte. */
export interface Occasion {
  /** What is sent, in a few words. */
  readonly summary: string;
  /** What a proof for it has to cover. */
  readonly request: ProofRequest;
  readonly sessionId?: string;
  readonly accessToken?: string;
  /** Sends it with these credentials, and resolves to what the target said. */
  present(credentials: Credentials): Promise<Answer>;
}

/** A way to the target: a connection or session of its own. */
export interface Channel {
  readonly sessionId?: string | undefined;
  /** The guarded message that attacks are carried on: a request that an honest agent is served at this point. */
  readonly probe: Message;
  /** Prepares a message; with none, the probe. */
  prepare(message?: Message, options?: OccasionOptions): Occasion;
  /**
   * Opens the connection or session as its owner: the honest agent, or who presents this attestation of the agent's key.
   * Answers what the target said.
   */
  initialize(attestation?: string): Promise<Answer>;
  /** A message as it would be sent, without credentials; with none, the probe. Live targets only. */
  compose(message?: Message): Record<string, unknown>;
  /** Sends text as it is, where a message should be. Live targets only. */
  sendRaw(body: string | Uint8Array, options?: OccasionOptions & Credentials): Promise<Answer>;
  /** Ends the connection or session. */
  close(): Promise<void>;
}

/** What attacks are aimed at: made by `verifierTarget`, `httpTarget`, `stdioTarget`. */
export interface AttackTarget {
  /** For people. */
  readonly name: string;
  /** The server's resource identifier. */
  readonly audience: string;
  /** The honest agent that attacks imitate or rob, and the controls are done by. */
  readonly agent: HonestAgent;
  /** The call of the tool that may be called; only where `tool` is offered. */
  readonly toolCall?: Message;
  /** What it has beyond an ordinary server's; only what it is told of. */
  readonly lab?: LabOptions;
  /** What can be tried on it; attacks that need more are not run. */
  offers(): Promise<ReadonlySet<Offer>>;
  /** A new connection or session. */
  open(): Promise<Channel>;
  /** Ends everything that was opened. */
  close(): Promise<void>;
}
