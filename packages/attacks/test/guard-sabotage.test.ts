import { InMemoryReplayCache, type VerifierOptions } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { afterAll, afterEach, expect, it, vi } from "vitest";
import { type Attack, type AttackReport, attacks, httpTarget, runAttacks, stdioTarget } from "../src/index.ts";
import { type GuardSabotage, guardSabotages, SabotagedGuard } from "./sabotage/guard-sabotages.ts";
import { attackNamed, breaches, type MatrixRow, printMatrix } from "./sabotage/matrix.ts";
import { replaced } from "./sabotage/replaced.ts";
import { restarting, startHttpServer, startStatelessServer } from "./servers/http-server.ts";
import { liveOptions, revocations, stdioServer } from "./servers/settings.ts";

const { replaceableModule } = vi.hoisted(() => ({
  replaceableModule: async (original: () => Promise<object>) => {
    const { replaceable } = await import("./sabotage/replaced.ts");
    return replaceable(await original());
  },
}));
vi.mock("../../core/src/checks/chain.ts", replaceableModule);
vi.mock("../../core/src/checks/mac.ts", replaceableModule);
vi.mock("../../core/src/checks/proof.ts", replaceableModule);
vi.mock("../../core/src/checks/replay.ts", replaceableModule);
vi.mock("../../core/src/checks/scope.ts", replaceableModule);
vi.mock("../../core/src/checks/signature.ts", replaceableModule);
vi.mock("../../core/src/tickets/ticket-key.ts", replaceableModule);
vi.mock("../../core/src/verify/definition-problem.ts", replaceableModule);
vi.mock("../../mcp-server/src/call-problem.ts", replaceableModule);
vi.mock("../../mcp-server/src/guard/answers.ts", replaceableModule);
vi.mock("../../mcp-server/src/guard/json-rpc.ts", replaceableModule);
vi.mock("../../mcp-server/src/guard/carriers.ts", replaceableModule);

/** The attacks that a verifier alone does not decide. */
const onServers = attacks.filter(
  ({ id, needs }) =>
    guardSabotages.some(({ meant }) => meant === id) ||
    needs.some((need) => !["authority", "issuer-key", "issuance"].includes(need)),
);

const rows: MatrixRow[] = [];
afterEach(() => replaced.clear());
afterAll(() => printMatrix("Sabotaged servers", rows));

async function attack(
  authority: TestAuthority,
  sabotage: Partial<GuardSabotage>,
  chosen: readonly Attack[] = onServers,
): Promise<AttackReport> {
  const { options, check, defences, server: kind = "sessions", replaces = {}, lostOnWire } = sabotage;
  if (lostOnWire) {
    const server = stdioServer(authority, "v2", lostOnWire);
    return runAttacks(stdioTarget({ ...liveOptions(authority), ...server }), { attacks: chosen });
  }
  const { revoke, isRevoked } = revocations();
  const guard = (own: Partial<VerifierOptions> = {}) => {
    const common = {
      ...authority.verifierOptions,
      allowBearer: true,
      maxDelegationDepth: 4,
      isRevoked,
      ...own,
    } as const;
    return new SabotagedGuard({ ...common, ...options?.(common) }, check);
  };
  const next = () => guard({ replayCache: new InMemoryReplayCache() });
  const start = kind === "sessions" ? startHttpServer : startStatelessServer;
  const server = await start(guard(), defences);
  for (const [name, replacement] of Object.entries(replaces)) replaced.set(name, replacement);
  try {
    const live = liveOptions(authority, { revoke, restart: restarting(server, next) });
    return await runAttacks(httpTarget({ ...live, url: server.url }), { attacks: chosen });
  } finally {
    await server.close();
  }
}

it.each(["sessions", "stateless"] as const)(
  "breaches nothing of the twin with %s of all sabotaged servers",
  async (server) => {
    const report = await attack(await createTestAuthority(), { server });
    const wrong = report.results
      .filter(({ result }) => result.outcome !== "blocked" || !result.intended)
      .map(({ attack, result }) => `${attack.id}: ${result.outcome}, ${result.evidence}`);
    expect(wrong).toEqual([]);
  },
);

it.each(guardSabotages)("catches the loss of $removed by $meant", async (sabotage) => {
  const { removed, meant } = sabotage;
  const report = await attack(await createTestAuthority(), sabotage, attackNamed(meant));
  const caught = breaches(report, meant);
  rows.push({ removed, meant, caught });
  expect(caught, report.results[0]?.result.evidence ?? "not run").toBe(true);
});
