import type { Allow } from "./allow.ts";

/** One link as contexts, events and `isRevoked` show it. Frozen. */
export interface DelegationLink {
  /** What the delegating agent calls the sub-agent: for people and logs, never for decisions. */
  readonly name?: string;
  /** RFC 7638 SHA-256 thumbprint of the sub-agent's key. */
  readonly keyThumbprint: string;
  /** `exp` of the link, Unix seconds. */
  readonly expiresAt: number;
  /** What it may do; absent: whatever the one before it may. */
  readonly allow?: Allow;
}
