/**
 * How a message can bring its credentials: in its `_meta`, in HTTP fields, in `initialize` (a bearer token), or by the session
 * that such a token opened. `none`: it brought none.
 */
export const CARRIERS = ["in-band", "headers", "bearer", "session", "none"] as const;

/** The name of a carrier, in events and labels. */
export type Carrier = (typeof CARRIERS)[number];
