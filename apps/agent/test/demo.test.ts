import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { runDemo } from "../src/demo.ts";

it("serves the honest agent over stdio and HTTP, and stops all eight attacks by the defence meant for each", async () => {
  const report = await runDemo(fileURLToPath(new URL("../../mcp-server/dist/main.js", import.meta.url)));
  expect(report.sessions.map(({ attestation }) => attestation.status)).toEqual(["verified", "verified"]);
  expect(Object.fromEntries(report.attacks.map(({ attack, result }) => [attack.id, result.code]))).toEqual({
    "model-spoofing": "ERR_KEY_NOT_FOUND",
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
