import { AttestationVerifier, InMemoryReplayCache, type ReplayCache } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { afterAll, afterEach, expect, it, vi } from "vitest";
import { type AttackTarget, runAttacks, verifierTarget } from "../src/index.ts";
import { attackNamed, breaches, type MatrixRow, printMatrix } from "./sabotage/matrix.ts";
import { replaced } from "./sabotage/replaced.ts";
import { type VerifierSabotage, verifierSabotages } from "./sabotage/verifier-sabotages.ts";
import { servedList } from "./servers/list-server.ts";
import { credentialsOf, enterprise, revocations, trustDomain } from "./servers/settings.ts";

const { replaceableModule } = vi.hoisted(() => ({
  replaceableModule: async (original: () => Promise<object>) => {
    const { replaceable } = await import("./sabotage/replaced.ts");
    return replaceable(await original());
  },
}));
vi.mock("../../core/src/jose/strict-jws.ts", replaceableModule);
vi.mock("../../core/src/keys/ed25519-point.ts", replaceableModule);
vi.mock("../../core/src/keys/vet-public-jwk.ts", replaceableModule);
vi.mock("../../core/src/checks/audience.ts", replaceableModule);
vi.mock("../../core/src/checks/chain.ts", replaceableModule);
vi.mock("../../core/src/checks/claims.ts", replaceableModule);
vi.mock("../../core/src/checks/format-rules.ts", replaceableModule);
vi.mock("../../core/src/checks/issuer.ts", replaceableModule);
vi.mock("../../core/src/checks/key.ts", replaceableModule);
vi.mock("../../core/src/checks/header.ts", replaceableModule);
vi.mock("../../core/src/checks/mac.ts", replaceableModule);
vi.mock("../../core/src/checks/nested.ts", replaceableModule);
vi.mock("../../core/src/checks/proof.ts", replaceableModule);
vi.mock("../../core/src/claims/proof-claims.ts", replaceableModule);
vi.mock("../../core/src/checks/replay.ts", replaceableModule);
vi.mock("../../core/src/checks/scope.ts", replaceableModule);
vi.mock("../../core/src/claims/allow.ts", replaceableModule);
vi.mock("../../core/src/checks/signature.ts", replaceableModule);
vi.mock("../../core/src/checks/status.ts", replaceableModule);
vi.mock("../../core/src/checks/subject.ts", replaceableModule);
vi.mock("../../core/src/checks/times.ts", replaceableModule);
vi.mock("../../remote-documents/src/remote-document-options.ts", replaceableModule);
vi.mock("../../status-list/src/codec/inflate.ts", replaceableModule);
vi.mock("../../status-list/src/token/read-status-list-token.ts", replaceableModule);

const spire = await trustDomain();
const corp = await enterprise();
/** The tester's own. */
const RING = new Uint8Array(32).fill(7);
const sharedCache = (): ReplayCache => {
  const cache = new InMemoryReplayCache({ clock: () => 1 });
  return { scope: "shared", consume: (use) => cache.consume(use) };
};
const rows: MatrixRow[] = [];
afterEach(() => replaced.clear());
afterAll(() => printMatrix("Sabotaged verifiers", rows));

async function targetOf(authority: TestAuthority, sabotage: Partial<VerifierSabotage> = {}): Promise<AttackTarget> {
  const { options, wrap, admit, meant } = sabotage;
  const { revoke, isRevoked } = revocations();
  // Only where it is asked for: with keys by value, some sabotages would not find the authority's.
  const trusts = meant === undefined || attackNamed(meant).some(({ needs }) => needs.includes("trust-domain"));
  const lists = await servedList(authority, spire.trusted);
  const own = authority.verifierOptions.trustedIssuers.map((issuer) => ({ ...issuer, ...lists.trusted }));
  const nests = meant === undefined || attackNamed(meant).some(({ needs }) => needs.includes("nested"));
  const trustedIssuers = [...own, ...(trusts ? [lists.another] : []), ...(nests ? [corp.trusted] : [])];
  const { statusSource } = lists;
  const given = {
    ...authority.verifierOptions,
    trustedIssuers,
    isRevoked,
    statusSource,
    maxDelegationDepth: 4,
    // A ring needs a store that instances share.
    tickets: { ring: [RING] },
    replayCache: sharedCache(),
  } as unknown as TestAuthority["verifierOptions"];
  const verifier = new AttestationVerifier({ ...given, ...options?.({ ...authority, verifierOptions: given }) });
  const { attestBearer: _, ...credentials } = {
    ...credentialsOf(authority),
    ...spire.credentials,
    ...lists.credentials,
    ...corp.credentials,
    delegation: true,
    ring: RING,
    revoke,
  };
  return verifierTarget({
    verifier: wrap?.(verifier) ?? verifier,
    audience: authority.audience,
    credentials,
    admit: admit ?? (({ claims }) => claims?.attestationMetadata?.safetyLevel !== "minimal"),
  });
}

it("breaches nothing of the twin of all sabotaged verifiers, and stops each attack by the defence meant for it", async () => {
  // Attacks on status lists let hours pass.
  const report = await runAttacks(await targetOf(await createTestAuthority()), { maxDuration: 86_400 });
  const wrong = report.results
    .filter(({ result }) => result.outcome !== "blocked" || !result.intended)
    .map(({ attack, result }) => `${attack.id}: ${result.outcome}, ${result.evidence}`);
  expect(wrong).toEqual([]);
  expect(report.notRun.filter(({ why }) => /time/.test(why))).toEqual([]);
});

it.each(verifierSabotages.filter(({ applies }) => applies?.() ?? true))(
  "catches the loss of $removed by $meant",
  async (sabotage) => {
    const authority = await createTestAuthority();
    const { removed, meant } = sabotage;
    for (const [name, replacement] of Object.entries(sabotage.replaces ?? {})) replaced.set(name, replacement);
    const target = await targetOf(authority, sabotage);
    const report = await runAttacks(target, { attacks: attackNamed(meant) });
    const caught = breaches(report, meant);
    rows.push({ removed, meant, caught });
    expect(caught, report.results[0]?.result.evidence ?? "not run").toBe(true);
  },
);
