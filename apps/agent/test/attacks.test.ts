import { fileURLToPath } from "node:url";
import { type AttackReport, httpTarget, type LiveOptions, runAttacks, stdioTarget } from "@attest/attacks";
import { expect, it } from "vitest";
import { attackOptions } from "../src/attack-options.ts";
import { createAuthority, type DemoAuthority, serverEnvironment } from "../src/authority.ts";
import { startHttpServer } from "../src/http-server.ts";

const program = fileURLToPath(new URL("../../mcp-server/dist/main.js", import.meta.url));
const TIMEOUT = 180_000;

/** As in the demo, as fast as it goes. */
const options = ({ attest, key }: DemoAuthority): LiveOptions => ({ ...attackOptions(attest, key), rate: 1000 });

function unblocked({ results }: AttackReport): string[] {
  return results
    .filter(({ result }) => result.outcome !== "blocked" || !result.intended)
    .map(({ attack, result }) => `${attack.id}: ${result.outcome}, ${result.evidence}`);
}

// At the same time: much of each is waiting for answers that a server does not owe.
it.concurrent.each([
  // What attacks a session finds none where each request stands alone.
  [
    "http",
    /bearer|sessions|connection|relay|completion|shared|revocation|restart|task|trust-domain|status-list|ring|nested|definition|delegation/,
  ],
  [
    "http-v1",
    /bearer|relay|completion|shared|revocation|restart|task|trust-domain|status-list|ring|nested|definition|delegation/,
  ],
] as const)("gives way to none of the attacks over HTTP: %s", { timeout: TIMEOUT }, async (mode, pointless) => {
  const authority = await createAuthority("https://models.example", "provider", "example.com");
  const server = await startHttpServer(program, serverEnvironment([authority]), { mode });
  try {
    const report = await runAttacks(httpTarget({ ...options(authority), url: server.url }));
    expect(unblocked(report)).toEqual([]);
    expect(report.notRun.filter(({ why }) => !pointless.test(why))).toEqual([]);
  } finally {
    await server.stop();
  }
});

it.concurrent("gives way to none of the attacks over stdio", { timeout: TIMEOUT }, async () => {
  const authority = await createAuthority("https://models.example", "provider", "example.com");
  const server = { command: process.execPath, args: [program, "stdio"], env: serverEnvironment([authority]) };
  expect(unblocked(await runAttacks(stdioTarget({ ...options(authority), ...server })))).toEqual([]);
});
