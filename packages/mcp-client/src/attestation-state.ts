import type { TrustLevel, VerificationPolicy } from "@attest/core";

/** What a client knows of how its server took its attestation. It changes with every answer. */
export interface AttestationState {
  /**
   * - `pending`: the server has not answered yet, or said nothing that could tell.
   * - `verified`: the server verified the agent.
   * - `failed`: the server refused, or passed the client unverified.
   * - `not_provided`: the server says that no attestation reached it.
   * - `unsupported`: the server answered what it would have had to verify, and said nothing of attestation.
   * - `unattested`: only of `attestFetch`. MCP requests went to another address of the endpoint's origin, so they carried
   *   no credentials, and none has gone to the endpoint itself. `unattested` names both addresses.
   */
  status: "pending" | "verified" | "failed" | "not_provided" | "unsupported" | "unattested";
  /** How far the server trusts the agent's issuer; only with `verified`. */
  trustLevel?: TrustLevel;
  /** What the server demands, where it has said so. */
  policy?: VerificationPolicy;
  /** The last MCP request that carried no credentials because it went to another address. Queries are not shown. */
  unattested?: {
    /** The endpoint that `attestFetch` attests. */
    readonly endpoint: string;
    /** The address that the request went to. */
    readonly requested: string;
  };
}

/** The requests that a guard serves unverified, so that their answers tell nothing (SPEC-4.14). */
export const OPEN_METHODS: ReadonlySet<unknown> = new Set(["ping", "server/discover"]);
