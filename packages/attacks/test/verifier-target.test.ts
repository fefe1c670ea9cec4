import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { expect, it } from "vitest";
import { type AttackTarget, attacks, runAttacks, verifierTarget } from "../src/index.ts";

function targetOf(authority: TestAuthority, verifier = authority.verifier): AttackTarget {
  const { provider, identity, authorityKey, audience, clock } = authority;
  return verifierTarget({
    verifier,
    audience,
    credentials: {
      attest: ({ confirmationKey }) => provider.createToken({ identity, confirmationKey }),
      authority: authorityKey,
      clock,
    },
    admit: ({ claims }) => claims.attestationMetadata.safetyLevel !== "minimal",
  });
}

it("finds nothing to breach in core's verifier, and every attack stopped by the defence meant for it", async () => {
  const authority = await createTestAuthority();
  const report = await runAttacks(targetOf(authority));
  const wrong = report.results
    .filter(({ result }) => result.outcome !== "blocked" || !result.intended)
    .map(({ attack, result }) => `${attack.id}: ${result.outcome}, ${result.evidence}`);
  expect(wrong).toEqual([]);
  expect(report.results.length + report.notRun.length).toBe(attacks.length);
});
