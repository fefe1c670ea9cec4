import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../src/configuration/parse-configuration.ts";
import { ConfigurationError, configurationSchema } from "../src/node.ts";
import { GOOD, HASH } from "./written.ts";

/** What is wrong with a text, line by line; empty if nothing is. */
function problemsOf(text: string): string[] {
  try {
    parseConfiguration(text, "authority.yaml");
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    expect(error.message).not.toContain(HASH);
    return error.message.split("\n");
  }
}

it("a good one is read, in YAML or JSON, with its defaults", () => {
  const { configuration } = parseConfiguration(GOOD, "authority.yaml");
  expect(configuration).toMatchObject({ issuer: "https://models.example", drain: 10, rules: [{ name: "aurora" }] });
  const json = JSON.stringify({ ...configuration, listen: undefined });
  expect(parseConfiguration(json, "authority.json").configuration.listen).toBe("127.0.0.1:8470");
});

it("a complete example is read", () => {
  const text = `
listen: 127.0.0.1:8470
publicUrl: https://authority.example
issuer: https://authority.example
keys: { directory: ./keys, rotateEvery: 2592000, publishAhead: 7200 }
secrets: [./challenge-2026-11]
storage: { directory: ./state }
replay: { redis: "redis://127.0.0.1:6379" }
evidence:
  cluster: { kubernetes: { issuer: https://cluster.example, jwks: ./cluster-jwks.json, audience: https://authority.example } }
  ci: { githubActions: { audience: https://authority.example, keyBound: true } }
  spire: { spiffe: { trustDomain: corp.example, bundle: https://spire.example/bundle, audience: https://authority.example } }
  desk: { secret: { sha256: ${HASH} } }
rules:
  - name: finance-bot
    evidence: cluster
    subject: system:serviceaccount:finance:bot
    claims: { /kubernetes.io/serviceaccount/uid: 6f0c }
    attest:
      identity: { modelFamily: example, modelVersion: example-1, provider: example, enterprise: { orgId: corp, workloadId: finance-bot, deploymentEnv: production } }
      attestationType: enterprise
      trustDomain: corp.example
      audiences: [https://bank.example/mcp]
      lifetime: 300
statusList: { uri: https://authority.example/status/1, ttl: 60 }
limits: { perWorkload: 120, perAddress: 30 }
audit: { file: ./issued.jsonl }
admin: { listen: 127.0.0.1:9470 }
drain: 10
`;
  expect(problemsOf(text)).toEqual([]);
});

describe("everything that is wrong is listed by its line and place", () => {
  it.each<[string, string, string[]]>([
    ["a syntax error", "issuer: [", ["authority.yaml:1: is not good YAML or JSON"]],
    [
      "a member twice",
      `${GOOD}issuer: https://other.example\n`,
      ["authority.yaml:11: is not good YAML or JSON (DUPLICATE_KEY)"],
    ],
    [
      "an unknown member",
      GOOD.replace("issuer:", "isuer:"),
      ["authority.yaml:1: isuer: is not known here", "issuer: "],
    ],
    [
      "an unknown member of a rule",
      GOOD.replace("    evidence:", "    evidenze:"),
      [":8: rules[0].evidenze: is not known here"],
    ],
    ["a wrong port", GOOD.replace("127.0.0.1:0", "127.0.0.1:70000"), ["authority.yaml:2: listen: must have a port"]],
    ["no port", GOOD.replace("127.0.0.1:0", "127.0.0.1"), ["authority.yaml:2: listen: must be HOST:PORT"]],
    ["an unknown kind of evidence", GOOD.replace("secret:", "secrets:"), ["authority.yaml:4: evidence.desk"]],
    [
      "an unknown option of evidence",
      GOOD.replace("sha256:", "sha512:"),
      ["authority.yaml:4: evidence.desk.secret.sha512"],
    ],
    ["a wrong lifetime", `${GOOD}tokenLifetime: 7200\n`, ["authority.yaml:11: tokenLifetime:"]],
    ["a number that is none", `${GOOD}drain: soon\n`, ["authority.yaml:11: drain:"]],
    ["no rule", GOOD.slice(0, GOOD.indexOf("  - name")).replace("rules:", "rules: []"), [":5: rules:"]],
    [
      "an identity without a provider",
      GOOD.replace(", provider: example", ""),
      [":10: rules[0].attest.identity.provider:"],
    ],
    [
      "keys in two places",
      `${GOOD}keys: { directory: ./keys, kms: { provider: aws, keyId: k } }\n`,
      [":11: keys: must have one of"],
    ],
    ["keys nowhere", `${GOOD}keys: { rotateEvery: 3600 }\n`, [":11: keys: must have one of"]],
    ["keys in the open", `${GOOD}keys: { postgres: "postgres://a/b" }\n`, [":11: keys: must have sealedWith"]],
    [
      "a schedule of a key service",
      `${GOOD}keys: { rotateEvery: 3600, kms: { provider: aws, keyId: k } }\n`,
      [":11: keys.rotateEvery: does nothing with kms"],
    ],
    ["nothing at all", "", ["authority.yaml: "]],
    ["a list", "- a\n", ["authority.yaml:1: "]],
  ])("%s", (_, text, expected) => {
    const problems = problemsOf(text);
    for (const problem of expected) expect(problems.join("\n")).toContain(problem);
    expect(problems.length).toBeGreaterThanOrEqual(expected.length);
  });

  it("and aliases without end are refused", () => {
    const bomb = `a: &a [x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c, *c, *c]\n`;
    expect(problemsOf(bomb)).toEqual(["authority.yaml: has too many aliases"]);
  });
});

it("its schema is JSON Schema, with a word on what is not obvious", () => {
  const schema = configurationSchema() as { properties: Record<string, { description?: string }>; required: string[] };
  expect(schema.required).toEqual(["issuer", "evidence", "rules"]);
  expect(schema.properties["secrets"]?.description).toContain("0600");
});
