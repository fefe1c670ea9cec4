// Puts `attest gateway` before a server, and `attest connect` before that.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createTestAuthority } from "@attest/core/testing";
import { attesting, startAttest, trusting } from "./start-attest.mjs";

const LOOPBACK = ["--listen", "127.0.0.1:0"];

/**
 * Starts both, for a client that knows nothing of attestation.
 *
 * @param attest The command line's program.
 * @param upstream The server's endpoint.
 * @returns The address for the client, and what ends both.
 */
export async function startBoth(attest, upstream) {
  const authority = await createTestAuthority();
  const trust = await trusting(authority);
  const gateway = await startAttest(attest, ["gateway", ...LOOPBACK, ...trust, "--upstream", upstream]);
  const endpoint = String(new URL("mcp", gateway.line));
  const local = [...LOOPBACK, "--local-token-file", "attest-token", "--token-in-path"];
  const companion = await startAttest(attest, ["connect", endpoint, ...(await attesting(authority)), ...local]);
  const token = (await readFile("attest-token", "utf8")).trim();
  const end = async () => {
    for (const { child } of [companion, gateway]) {
      child.kill();
      await once(child, "exit");
    }
  };
  return { url: companion.line.replace("<token>", token), end };
}
