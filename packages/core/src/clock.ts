/** Tells the time in whole Unix seconds. Injected wherever time matters, so that tests and clock corrections need no patching. */
export type Clock = () => number;

/** The machine's clock. */
export const systemClock: Clock = () => Math.floor(Date.now() / 1000);
