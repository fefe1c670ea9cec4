/** How far a peer's clock may differ from a verifier's unless set otherwise (`clockTolerance`), in seconds. */
export const DEFAULT_CLOCK_TOLERANCE = 30;
/** How old a proof may be, clocks apart, unless set otherwise (`proofWindow`), in seconds. */
export const DEFAULT_PROOF_WINDOW = 60;
/** How far the clocks of one server's instances may differ unless set otherwise (`nodeSkew`), in seconds. */
export const DEFAULT_NODE_SKEW = 5;
