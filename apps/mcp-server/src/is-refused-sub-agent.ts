import { readFile } from "node:fs/promises";
import type { VerifierOptions } from "@attest/core";

/**
 * Refuses sub-agents whose keys a file names, an RFC 7638 thumbprint a line, and everything that they delegated further. A
 * status list knows attested agents only; this is how a server stops one sub-agent, while its parent and the others go on.
 *
 * @returns What `isRevoked` takes. It rejects while the file cannot be read, so that every sub-agent is refused then.
 */
export function isRefusedSubAgent(file: string): NonNullable<VerifierOptions["isRevoked"]> {
  return async (_claims, { delegation }) => {
    if (!delegation) return false;
    const refused = new Set((await readFile(file, "utf8")).split(/\s+/));
    return delegation.some(({ keyThumbprint }) => refused.has(keyThumbprint));
  };
}
