/** How far clocks may differ before a verifier with default options minds, in seconds. */
export const CLOCK_TOLERANCE = 30;

/** How old a proof may be, clocks apart, for a verifier with default options, in seconds. */
export const PROOF_WINDOW = 60;
