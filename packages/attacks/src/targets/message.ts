import type { Carrier as CoreCarrier, ProofRequest } from "@attest/core";
import type { Answer } from "./answer.ts";

/** The protocol's era: with a handshake, or with everything in every request. */
export type Era = "handshake" | "stateless";

/** How credentials travel (SPEC §4). */
export type Carrier = Exclude<CoreCarrier, "session" | "none">;

/** What is presented with a message. The values are what an attacker makes of them: of any type, of any content. */
export interface PresentedCredentials {
  /** In the place of the attestation. Absent: nothing is. */
  readonly attestation?: unknown;
  /** In the place of the proof. Absent: nothing is. */
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
  /** HTTP fields besides the usual ones; a list is sent as several fields. */
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
  /** The session that a proof must name. Absent: none. */
  readonly sessionId?: string;
  /** The access token that a proof must cover. Absent: none. */
  readonly accessToken?: string;
  /** Sends it with these credentials, and resolves to what the target said. */
  present(credentials: PresentedCredentials): Promise<Answer>;
}
