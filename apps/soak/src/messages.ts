import type { PublicJwk } from "@attest/core";

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

/** `code` is `accepted` or an error's; `at` the machine's time in milliseconds: the same clock for all processes. */
export type FromWorker =
  | { type: "ready" }
  | { type: "answers"; answers: { id: number; code: string; at: number }[] }
  | { type: "raced"; round: number; accepted: number; repeated: number }
  | { type: "state"; at: number; state: string };
