import { fileURLToPath } from "node:url";
import { createTestAuthority } from "@attest/core/testing";
import { AttestationGuard } from "@attest/mcp-server";
import { expect, it } from "vitest";
import { type AttackReport, attacks, httpTarget, runAttacks, stdioTarget } from "../src/index.ts";
import { startHttpServer } from "./servers/http-server.ts";
import { credentialsOf, environmentOf } from "./servers/settings.ts";

const TOOL = { name: "report" };

function problems(report: AttackReport): string[] {
  return report.results
    .filter(({ result }) => result.outcome !== "blocked" || !result.intended)
    .map(({ attack, result }) => `${attack.id}: ${result.outcome}, ${result.evidence}`);
}

it("finds nothing to breach in a guarded server over HTTP", async () => {
  const authority = await createTestAuthority();
  const server = await startHttpServer(new AttestationGuard(authority.verifierOptions));
  try {
    const { audience } = authority;
    const target = httpTarget({
      url: server.url,
      audience,
      credentials: credentialsOf(authority),
      tool: TOOL,
      rate: 1000,
    });
    const report = await runAttacks(target);
    expect(problems(report)).toEqual([]);
    expect(report.results.length + report.notRun.length).toBe(attacks.length);
    expect(report.notRun.map(({ attack, why }) => `${attack.id} ${why}`)).toEqual([]);
  } finally {
    await server.close();
  }
});

it("finds nothing to breach in a guarded server over stdio", async () => {
  const authority = await createTestAuthority();
  const target = stdioTarget({
    command: process.execPath,
    args: [fileURLToPath(new URL("servers/stdio-server.mjs", import.meta.url))],
    env: environmentOf(authority),
    audience: authority.audience,
    credentials: credentialsOf(authority),
    tool: TOOL,
    rate: 1000,
  });
  const report = await runAttacks(target);
  expect(problems(report)).toEqual([]);
  expect(report.results.length + report.notRun.length).toBe(attacks.length);
});
