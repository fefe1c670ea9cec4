import { fileURLToPath } from "node:url";
import { httpTarget, referenceAttacks } from "@attest/attacks";
import { expect, it } from "vitest";
import { attackOptions } from "../src/attack-options.ts";
import { createAuthority, serverEnvironment } from "../src/authority.ts";
import { runDemo } from "../src/demo.ts";
import { startHttpServer } from "../src/http-server.ts";
import { runAttack } from "../src/run-attack.ts";

const program = fileURLToPath(new URL("../../mcp-server/dist/main.js", import.meta.url));
const subAgent = fileURLToPath(new URL("../dist/sub-agents/sub-agent.js", import.meta.url));

it("serves the honest agent over stdio and HTTP, refuses a call by a definition that changed (P1, SPEC-23.4), lets sub-agents stay within what each was let, and stops all eight attacks by the defence meant for each", async () => {
  const report = await runDemo({ bank: program, subAgent });
  expect(report.sessions.map(({ attestation }) => attestation.status)).toEqual(["verified", "verified"]);
  expect(
    report.definition.calls.map(({ came }) => (came.outcome === "served" ? came.answer : [came.reason, came.code])),
  ).toEqual([
    "savings closed, by order of example-1",
    ["attestation_definition_mismatch", "ERR_DEFINITION_MISMATCH"],
    "savings closed, by order of example-1",
  ]);
  const { scenes } = report.subAgents;
  const calls = scenes.flatMap((scene) => scene.calls);
  expect(calls.map(({ by, tool, came, code }) => [by, tool, code ?? ("answer" in came ? came.answer : came)])).toEqual([
    ["reader", "list_accounts", "savings, checking (for spiffe://example.com/model/example-1)"],
    ["reader", "get_balance", "1200"],
    ["reader", "transfer", "ERR_DELEGATION_SCOPE"],
    ["payer", "transfer", "25 to savings, by order of example-1 (provider), through its sub-agent payer"],
    ["payer", "get_balance", "ERR_DELEGATION_SCOPE"],
    ["reader", "get_balance", "ERR_REVOKED"],
    ["payer", "transfer", "25 to savings, by order of example-1 (provider), through its sub-agent payer"],
    ["payer", "transfer", "ERR_REVOKED"],
  ]);
  const reasons = calls.flatMap(({ came }) => (came.outcome === "refused" ? [came.reason] : []));
  expect(new Set(reasons)).toEqual(new Set(["attestation_claims_insufficient", "attestation_revoked"]));
  expect(
    Object.fromEntries(report.attacks.map(({ attack, result }) => [attack.id, "code" in result && result.code])),
  ).toEqual({
    "model-spoofing": "ERR_ATTESTATION_SIGNATURE",
    "provenance-forgery": "ERR_TRUST_DOMAIN",
    "token-replay": "ERR_REPLAY",
    "token-tampering": "ERR_ATTESTATION_SIGNATURE",
    "issuer-typosquatting": "ERR_ISSUER_UNTRUSTED",
    downgrade: "ERR_ATTESTATION_REQUIRED",
    "audience-mismatch": "ERR_PROOF_AUDIENCE",
    "safety-downgrade": "ERR_DEMAND",
  });
  expect(report.passed).toBe(true);
});

it("finds the bank breached that lets everybody in, and looks up what still stops the others", async () => {
  const authority = await createAuthority("https://models.example", "provider", "example.com");
  const env = serverEnvironment([authority]);
  const settings = { ...JSON.parse(env["ATTEST_SERVER"] ?? ""), policy: "optional" };
  const server = await startHttpServer(program, { ...env, ATTEST_SERVER: JSON.stringify(settings) });
  try {
    const target = httpTarget({ ...attackOptions(authority.attest, authority.key), url: server.url });
    const results = new Map<string, unknown>();
    for (const attack of referenceAttacks) results.set(attack.id, await runAttack(attack, target, server));
    expect(results.get("downgrade")).toMatchObject({ outcome: "breached" });
    expect(results.get("safety-downgrade")).toMatchObject({ outcome: "blocked", intended: true, code: "ERR_DEMAND" });
  } finally {
    await server.stop();
  }
});
