import type { PublicJwk, TicketGrant } from "@attest/core";

/** Where a worker finds the Redis that it shares with the others. */
export type RedisAddress =
  | { kind: "single"; port: number }
  | { kind: "sentinel"; port: number; name: string }
  | { kind: "cluster"; ports: number[] };

/** How a worker's verifier and cache stand. */
export interface WorkerSetup {
  readonly redis: RedisAddress;
  readonly issuer: string;
  readonly audience: string;
  readonly authorityKey: PublicJwk;
  readonly clockTolerance: number;
  readonly nodeSkew: number;
  readonly proofWindow: number;
  readonly commandTimeoutMs: number;
  readonly keyPrefix: string;
  /** The secret of the ticket ring that all workers have, base64url. */
  readonly ring: string;
}

/** One credential for one use, as a client sends it. */
export interface Presentation {
  readonly id: number;
  readonly attestation: string;
  readonly proof: string;
  readonly method: string;
  readonly params: unknown;
}

export type ToWorker =
  | { type: "setup"; setup: WorkerSetup }
  | { type: "present"; presentations: Presentation[] }
  | { type: "race"; round: number; key: string; presenters: number }
  | { type: "shift-clock"; seconds: number };

/** What a worker said to one presentation. */
export interface Answer {
  readonly id: number;
  readonly code: string;
  readonly at: number;
  /** The ticket that was granted with it, if one was asked for. */
  readonly grant?: TicketGrant;
}

/** `code` is `accepted` or an error's; `at` the machine's time in milliseconds: the same clock for all processes. */
export type FromWorker =
  | { type: "ready" }
  | { type: "answers"; answers: Answer[] }
  | { type: "raced"; round: number; accepted: number; repeated: number }
  | { type: "state"; at: number; state: string };
