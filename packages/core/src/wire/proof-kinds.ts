/**
 * What bound a message to its token: a signature by the agent's key, a MAC under a key that such a signature agreed (SPEC §19), or
 * nothing, where the token alone was presented.
 */
export const PROOF_KINDS = ["signature", "mac", "none"] as const;

/** The name of one, in contexts, events and labels. */
export type ProofKind = (typeof PROOF_KINDS)[number];
