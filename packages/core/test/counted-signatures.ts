import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { onTestFinished } from "vitest";

/** Counts the signatures that are verified until the test ends, by whatever asks Node for it. */
export function countSignatures(): { take(): number } {
  const original = crypto.verify;
  let count = 0;
  const counting = (...args: Parameters<typeof original>) => {
    count++;
    return original(...args);
  };
  const install = (verify: unknown) => {
    Object.assign(crypto, { verify });
    syncBuiltinESMExports();
  };
  install(counting);
  onTestFinished(() => install(original));
  return {
    take() {
      const taken = count;
      count = 0;
      return taken;
    },
  };
}
