import type { VerifierOptions } from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { AttestationGuard } from "@attest/mcp-server";
import { afterAll, afterEach, expect, it, vi } from "vitest";
import { type AttackReport, attacks, httpTarget, runAttacks } from "../src/index.ts";
import { attackNamed, breaches, type MatrixRow, printMatrix } from "./sabotage/matrix.ts";
import { replaced } from "./sabotage/replaced.ts";
import { type VerifierSabotage, verifierSabotages } from "./sabotage/verifier-sabotages.ts";
import { startHttpServer, startStatelessServer } from "./servers/http-server.ts";
import { servedList } from "./servers/list-server.ts";
import { liveOptions, trustDomain } from "./servers/settings.ts";

// In a file of its own: time passes for all tests of a process at once, so these run one after the other.

const { replaceableModule } = vi.hoisted(() => ({
  replaceableModule: async (original: () => Promise<object>) => {
    const { replaceable } = await import("./sabotage/replaced.ts");
    return replaceable(await original());
  },
}));
vi.mock("../../status-list/src/token/read-status-list-token.ts", replaceableModule);

const onLists = attacks.filter(({ needs }) => needs.some((need) => need === "status-list" || need === "list-server"));
const rows: MatrixRow[] = [];
afterEach(() => replaced.clear());
afterAll(() => printMatrix("Sabotaged servers, whose status list's server is attacked", rows));

/** Attacks a live server that fetches its authority's status list from the tester's server. */
async function attack(
  chosen: typeof attacks,
  { options, replaces = {} }: Partial<VerifierSabotage> = {},
  start = startStatelessServer,
): Promise<AttackReport> {
  const authority = await createTestAuthority();
  const lists = await servedList(authority, (await trustDomain()).trusted);
  const own = authority.verifierOptions.trustedIssuers.map((issuer) => ({ ...issuer, ...lists.trusted }));
  const trustedIssuers = [...own, lists.another] as unknown as VerifierOptions["trustedIssuers"];
  const given = { ...authority.verifierOptions, trustedIssuers, statusSource: lists.statusSource };
  const guard = new AttestationGuard({ ...given, ...options?.({ ...authority, verifierOptions: given }) });
  const server = await start(guard);
  for (const [name, replacement] of Object.entries(replaces)) replaced.set(name, replacement);
  try {
    const live = liveOptions(authority);
    const credentials = { ...live.credentials, ...lists.credentials };
    // Attacks on status lists let hours pass.
    return await runAttacks(httpTarget({ ...live, credentials, url: server.url }), {
      attacks: chosen,
      maxDuration: 86_400,
    });
  } finally {
    await server.close();
  }
}

it.each([
  ["first", startHttpServer],
  ["second", startStatelessServer],
] as const)("breaches nothing of a server of the %s SDK by its status list (S1)", async (_, start) => {
  const report = await attack(onLists, {}, start);
  const wrong = report.results
    .filter(({ result }) => result.outcome !== "blocked" || !result.intended)
    .map(({ attack, result }) => `${attack.id}: ${result.outcome}, ${result.evidence}`);
  expect(wrong).toEqual([]);
  expect(report.notRun).toEqual([]);
});

const LIVE = ["status-rollback", "status-foreign-list", "status-unavailable"];

it.each(verifierSabotages.filter(({ meant }) => LIVE.includes(meant)))(
  "catches the loss of $removed by $meant, on a live server",
  async (sabotage) => {
    const { removed, meant } = sabotage;
    const report = await attack(attackNamed(meant), sabotage);
    const caught = breaches(report, meant);
    rows.push({ removed, meant, caught });
    expect(caught, report.results[0]?.result.evidence ?? "not run").toBe(true);
  },
);
