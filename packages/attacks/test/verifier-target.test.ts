import { AttestationVerifier, KeyPair, type VerifierOptions } from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { expect, it } from "vitest";
import { type AttackReport, attacks, referenceAttacks, runAttacks, verifierTarget } from "../src/index.ts";
import { servedList } from "./servers/list-server.ts";
import { credentialsOf, enterprise, revocations, trustDomain } from "./servers/settings.ts";

const admit: NonNullable<Parameters<typeof verifierTarget>[0]["admit"]> = ({ claims }) =>
  claims.attestationMetadata?.safetyLevel !== "minimal";

const CODES = {
  "model-spoofing": "ERR_ATTESTATION_SIGNATURE",
  "provenance-forgery": "ERR_TRUST_DOMAIN",
  "token-replay": "ERR_REPLAY",
  "token-tampering": "ERR_ATTESTATION_SIGNATURE",
  "issuer-typosquatting": "ERR_ISSUER_UNTRUSTED",
  downgrade: "ERR_ATTESTATION_REQUIRED",
  "audience-mismatch": "ERR_PROOF_AUDIENCE",
  "safety-downgrade": "ERR_DEMAND",
};

/** The precise codes of the reference's eight attacks. */
function codesOf({ results }: AttackReport): Record<string, string | undefined> {
  const codes = results.map(({ attack, result }) => [attack.id, "code" in result ? result.code : undefined]);
  return Object.fromEntries(codes.filter(([id]) => referenceAttacks.some((attack) => attack.id === id)));
}

/** Every attack that was not blocked by the defence that is meant for it. */
function unblocked({ results }: AttackReport): string[] {
  return results
    .filter(({ result }) => result.outcome !== "blocked" || !result.intended)
    .map(({ attack, result }) => `${attack.id}: ${result.outcome}, ${result.evidence}`);
}

it("breaches nothing of core's verifier, bearer attestations allowed, and stops each attack by what is meant for it (T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15, T16, T17, T18, T19, T20, T21, T22, T23, T24, K1, K2, K3, K6, K7, R1, R3, S1, F1, F2, F3, F4, F5)", async () => {
  const authority = await createTestAuthority();
  const { revoke, isRevoked } = revocations();
  const spire = await trustDomain();
  const lists = await servedList(authority, spire.trusted);
  const own = authority.verifierOptions.trustedIssuers.map((issuer) => ({ ...issuer, ...lists.trusted }));
  const { statusSource } = lists;
  const corp = await enterprise();
  const trustedIssuers = [...own, lists.another, corp.trusted];
  const options = {
    ...authority.verifierOptions,
    trustedIssuers,
    allowBearer: true,
    isRevoked,
    statusSource,
    maxDelegationDepth: 4,
  };
  const verifier = new AttestationVerifier(options as unknown as VerifierOptions);
  const { audience } = authority;
  const credentials = {
    ...credentialsOf(authority),
    ...spire.credentials,
    ...lists.credentials,
    ...corp.credentials,
    delegation: true,
    revoke,
  };
  // Attacks on status lists let hours pass.
  const report = await runAttacks(verifierTarget({ verifier, audience, credentials, admit }), { maxDuration: 86_400 });
  expect(unblocked(report)).toEqual([]);
  expect(report.results.length + report.notRun.length).toBe(attacks.length);
  expect(
    report.notRun.filter(({ why }) => !/live|ring|tickets|definition|http|sessions|connection|shared/.test(why)),
  ).toEqual([]);
});

it.each(["Ed25519", "ES256"] as const)(
  "takes another key of the authority's than the one that honest attestations are signed with: %s",
  async (algorithm) => {
    const honest = await createTestAuthority();
    const authority = await KeyPair.generate({ algorithm });
    await honest.keyResolver.addKeyPair(honest.issuer, authority);
    const [issuer] = honest.verifierOptions.trustedIssuers;
    const trustedIssuers = [{ ...issuer, algorithms: ["Ed25519", "ES256"] }] as const;
    const verifier = new AttestationVerifier({ ...honest.verifierOptions, trustedIssuers, allowBearer: true });
    const credentials = { ...credentialsOf(honest), authority };
    const report = await runAttacks(verifierTarget({ verifier, audience: honest.audience, credentials, admit }));
    expect(unblocked(report)).toEqual([]);
    expect(codesOf(report)).toEqual(CODES);
  },
);

it("tells the precise code of each of the reference's eight attacks", async () => {
  const authority = await createTestAuthority();
  const { verifier, audience } = authority;
  const target = verifierTarget({ verifier, audience, credentials: credentialsOf(authority), admit });
  expect(codesOf(await runAttacks(target, { attacks: referenceAttacks }))).toEqual(CODES);
});

it("calls nothing blocked by a verifier that refuses honest agents too", async () => {
  const authority = await createTestAuthority();
  const { audience } = authority;
  const verifier = new AttestationVerifier({ ...authority.verifierOptions, audience: "https://elsewhere.example/mcp" });
  const target = verifierTarget({ verifier, audience, credentials: credentialsOf(authority), admit });
  const { blocked, breached, inconclusive, results } = await runAttacks(target);
  expect({ blocked, breached }).toEqual({ blocked: 0, breached: 0 });
  expect(inconclusive).toBe(results.length);
});
