/** A Chromium of this machine, or the one that `CHROMIUM_PATH` names; `undefined` if neither is installed. */
export const chromiumPath: string | undefined;

/** How a browser that only talks to this machine is started. */
export const CHROMIUM_FLAGS: readonly string[];
