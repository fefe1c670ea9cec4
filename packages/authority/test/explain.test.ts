import { expect, it } from "vitest";
import { explainEvidence } from "../src/node.ts";
import { AUTHORITY, createPlatform, START } from "./platform.ts";
import { GOOD, SECRET, Written } from "./written.ts";

it("explains of every rule whether it admits a piece of evidence, and why not", async () => {
  const platform = await createPlatform({ iss: "https://issuer.example", sub: "agent-7", team: "finance" });
  const rule = (name: string, checks: string) => `  - name: ${name}
    evidence: issuer
    ${checks}
    attest: { identity: { modelFamily: m, modelVersion: v, provider: p } }
`;
  const evidence = `  issuer: { oidc: { issuer: "https://issuer.example", audience: "${AUTHORITY}", jwks: ./jwks.json } }\n`;
  const rules = rule("good", "claims: { /team: [finance, sales] }") + rule("other", 'subject: "bot-*"');
  const written = await Written.of(GOOD.replace("rules:\n", `${evidence}rules:\n`) + rules);
  await written.write("jwks.json", JSON.stringify(platform.jwks));
  const token = await platform.token({});
  const explain = (text: string, now: number) => explainEvidence(written.path(), text, { clock: () => now });

  const checks = (check: string, holds: boolean, expected: unknown, found: string) => [
    { check, holds, expected, found },
  ];
  const about = { evidence: "issuer", kind: "oidc", default: false, subject: "agent-7" };
  expect(await explain(`${token}\n`, START)).toEqual([
    {
      rule: "aurora",
      default: true,
      evidence: "desk",
      kind: "secret",
      admitted: false,
      refused: { code: "format", message: expect.any(String) },
      checks: [],
    },
    { ...about, rule: "good", admitted: true, checks: checks("/team", true, ["finance", "sales"], "finance") },
    { ...about, rule: "other", admitted: false, checks: checks("subject", false, "bot-*", "agent-7") },
  ]);
  const late = await explain(token, START + 3600);
  expect(late.map(({ refused }) => refused?.code)).toEqual(["format", "expired", "expired"]);
  const secret = await explain(SECRET, START);
  expect(secret.map(({ admitted }) => admitted)).toEqual([true, false, false]);
});
