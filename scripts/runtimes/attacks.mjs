// @attest/attacks: the whole suite against a verifier in this process.
import assert from "node:assert/strict";
import { runAttacks, verifierTarget } from "@attest/attacks";
import { createTestAuthority } from "@attest/core/testing";

const { authorityKey, provider, identity, verifier, audience } = await createTestAuthority();
const attest = ({ confirmationKey }) => provider.createToken({ identity, confirmationKey });
const credentials = { authority: authorityKey, attest };
// What a server demands beyond verification, as its handlers would.
const admit = ({ claims }) => claims.attestationMetadata.safetyLevel !== "minimal";
const { results } = await runAttacks(verifierTarget({ verifier, audience, credentials, admit }));
assert.notEqual(results.length, 0);
assert.deepEqual(
  results
    .filter(({ result }) => result.outcome !== "blocked")
    .map(({ attack, result }) => `${attack.id}: ${result.outcome}, ${result.evidence}`),
  [],
);
console.log(`${results.length} attacks blocked`);
