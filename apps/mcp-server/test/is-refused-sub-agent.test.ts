import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTestAuthority } from "@attest/core/testing";
import { AttestingAgent, delegatingSource } from "@attest/mcp-client";
import { AttestationGuard } from "@attest/mcp-server";
import { afterEach, beforeEach, expect, it } from "vitest";
import { isRefusedSubAgent } from "../src/is-refused-sub-agent.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "attest-refused-"));
  file = join(folder, "refused");
  await writeFile(file, "");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const ping = { kind: "message", method: "ping" } as const;

it("refuses the one sub-agent whose key the file names, with its next message, and no other", async () => {
  const { verifierOptions, attest, audience } = await createTestAuthority();
  const { verifier } = new AttestationGuard({
    ...verifierOptions,
    maxDelegationDepth: 1,
    isRevoked: isRefusedSubAgent(file),
  });
  const parent = new AttestingAgent({
    source: { getAttestation: ({ confirmationKey }) => attest({ confirmationKey }) },
  });
  const [reader, payer] = ["reader", "payer"].map(
    (name) => new AttestingAgent({ source: delegatingSource(parent, { name }) }),
  );
  const sendAs = async (agent: AttestingAgent | undefined) => {
    const { attestation = "", proof = "" } = (await agent?.credentialsFor(audience, ping)) ?? {};
    return verifier.verify(attestation, { ...ping, proof });
  };
  const first = await sendAs(reader);
  expect([first, await sendAs(payer), await sendAs(parent)].map(({ outcome }) => outcome)).toEqual(
    Array(3).fill("verified"),
  );
  await appendFile(file, `${"keyThumbprint" in first ? first.keyThumbprint : ""}\n`);
  expect(await sendAs(reader)).toMatchObject({
    outcome: "refused",
    code: "ERR_REVOKED",
    reason: "attestation_revoked",
  });
  expect([await sendAs(payer), await sendAs(parent)].map(({ outcome }) => outcome)).toEqual(["verified", "verified"]);
  // Without the file nobody knows who is refused: no sub-agent is served, and who is attested itself still is.
  await rm(file);
  expect(await sendAs(payer)).toMatchObject({ outcome: "refused", code: "ERR_REVOCATION_UNAVAILABLE" });
  expect(await sendAs(parent)).toMatchObject({ outcome: "verified" });
});
