import { existsSync } from "node:fs";

const CANDIDATES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** A Chromium of this machine, or the one that `CHROMIUM_PATH` names; `undefined` if neither is installed. */
export const chromiumPath = [process.env.CHROMIUM_PATH ?? "", ...CANDIDATES].find(existsSync);

/** How a browser that only talks to this machine is started. */
export const CHROMIUM_FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
