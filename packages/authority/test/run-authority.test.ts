import { readFile, rename, stat } from "node:fs/promises";
import { AttestingAgent, httpSource } from "@attest/mcp-client";
import { describe, expect, it } from "vitest";
import { AUTHORITY, createPlatform } from "./platform.ts";
import { GOOD, HASH, SECRET, Written } from "./written.ts";

const request = { kind: "message", method: "ping" } as const;
const ask = async (url: URL, options: { rule?: string; secret?: string } = {}) => {
  const { secret = SECRET, ...rest } = options;
  const source = httpSource(new URL("attestations", url), { credential: () => secret, ...rest });
  return new AttestingAgent({ source }).credentialsFor("https://bank.example/mcp", request);
};

describe("an authority that runs by its configuration", () => {
  it("attests, keeps its keys in its directory, and writes down what it did, for its owner alone", async () => {
    const written = await Written.of(`${GOOD}keys: { directory: ./keys }\naudit: { file: ./issued.jsonl }\n`);
    const reported: unknown[] = [];
    const running = await written.run({ report: (problem) => reported.push(problem) });
    await ask(running.url);
    await expect(ask(running.url, { secret: "a-secret-of-nobody-whatsoever" })).rejects.toThrow();
    const lines = (await readFile(written.path("issued.jsonl"), "utf8")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { outcome: "issued", rule: "aurora", kind: "secret", audience: "https://bank.example/mcp" },
      { outcome: "refused", problem: "not_admitted" },
    ]);
    expect((await stat(written.path("issued.jsonl"))).mode & 0o777).toBe(0o600);
    expect((await stat(written.path("keys"))).mode & 0o777).toBe(0o700);
    expect(reported).toEqual([]);
  });

  it("says that keys in memory are for trying out", async () => {
    const reported: unknown[] = [];
    await (await Written.of(GOOD)).run({ report: (problem) => reported.push(problem) });
    expect(reported).toEqual([expect.objectContaining({ message: expect.stringContaining("in memory") })]);
  });

  it("is asked by `localhost` too", async () => {
    const { url } = await (await Written.of(GOOD)).run();
    url.hostname = "localhost";
    await ask(url);
  });

  it("has health, readiness and metrics at an address of its own alone", async () => {
    const written = await Written.of(`${GOOD}admin: { listen: "127.0.0.1:0" }\n`);
    const { url, adminUrl } = await written.run();
    await ask(url);
    const get = async (path: string, base = adminUrl) => {
      const response = await fetch(new URL(path, base));
      return { status: response.status, text: await response.text() };
    };
    expect((await get("health")).status).toBe(200);
    expect(await get("ready")).toEqual({ status: 200, text: '{"status":"ready"}' });
    expect((await get("admin")).status).toBe(404);
    const { text } = await get("metrics");
    expect(text).toContain(
      'attestation_authority_answers_total{endpoint="attestations",outcome="issued",problem="none",kind="secret"} 1',
    );
    expect(text).toMatch(/^attestation_issuances_total\{[^}]*attestation_outcome="issued"[^}]*\} 1$/m);
    expect((await get("metrics", url)).status).toBe(404);
    expect((await get("ready", url)).status).toBe(404);
  });

  it("reads its configuration again: evidence and rules change, keys stay", async () => {
    const written = await Written.of(`${GOOD}audit: { file: ./issued.jsonl }\n`);
    const running = await written.run();
    const keys = async () => (await fetch(new URL(".well-known/jwks.json", running.url))).text();
    const before = await keys();
    await expect(ask(running.url, { rule: "second" })).rejects.toThrow("not_admitted");
    const second = GOOD.slice(GOOD.indexOf("  - name"))
      .replace("aurora\n", "second\n")
      .replace("default: true", "default: false");
    await written.write("authority.yaml", `${GOOD}${second}audit: { file: ./issued.jsonl }\n`);
    // As logrotate does.
    await rename(written.path("issued.jsonl"), written.path("issued.1"));
    await running.reload();
    await ask(running.url, { rule: "second" });
    expect(await keys()).toBe(before);
    expect(await readFile(written.path("issued.jsonl"), "utf8")).toContain('"rule":"second"');
    expect(await readFile(written.path("issued.1"), "utf8")).not.toContain('"rule":"second"');
  });

  it("stays as it is where the new configuration is wrong", async () => {
    const written = await Written.of(GOOD);
    const running = await written.run();
    await written.write("authority.yaml", GOOD.replace("evidence: desk", "evidence: desc"));
    await expect(running.reload()).rejects.toThrow(/authority\.yaml:8: rules\[0\]\.evidence must be one of desk/);
    await ask(running.url);
  });
});

describe("does not start", () => {
  it.each<[string, string, RegExp]>([
    [
      "with a rule for evidence that is not there",
      GOOD.replace("evidence: desk", "evidence: desc"),
      /authority\.yaml:8: rules\[0\]\.evidence must/,
    ],
    ["with a rule that could never be attested", GOOD.replace("aurora-2", "a b"), /authority\.yaml: aurora: /],
    [
      "with a hash that is none",
      GOOD.replace(HASH, "secret"),
      /authority\.yaml:4: evidence\.desk\.secret: sha256 must be/,
    ],
    [
      "without a file that it names",
      GOOD.replace(/secret: .*/, "x509Svid: { trustDomain: a.example, roots: ./roots.pem } }"),
      /authority\.yaml:4: evidence\.desk\.x509Svid: \.\/roots\.pem cannot be read \(ENOENT\)/,
    ],
    [
      "where nobody could know its address",
      GOOD.replace("127.0.0.1:0", "0.0.0.0:0"),
      /authority\.yaml:2: publicUrl: must be set/,
    ],
    ["without its secrets", `${GOOD}secrets: [./challenge]\n`, /\.\/challenge cannot be read \(ENOENT\)/],
  ])("%s", async (_, text, problem) => {
    await expect((await Written.of(text)).run()).rejects.toThrow(problem);
  });

  it("with a secret that others can read, or that is none", async () => {
    const written = await Written.of(`${GOOD}secrets: [./challenge]\n`);
    await written.writeSecret("challenge", 0o644);
    await expect(written.run()).rejects.toThrow("chmod 600");
    await written.write("challenge", "short\n");
    await expect(written.run()).rejects.toThrow("32–64 random bytes");
    await written.writeSecret("challenge");
    await written.run();
  });

  it("without its file", async () => {
    const written = await Written.of(GOOD, "other.yaml");
    await expect(written.run()).rejects.toThrow(/authority\.yaml: cannot be read \(ENOENT\)/);
  });

  it("where its keys are sealed with another secret", async () => {
    const written = await Written.of(`${GOOD}keys: { directory: ./keys, sealedWith: ./seal }\n`);
    await written.writeSecret("seal");
    const running = await written.run();
    await running.close();
    await written.writeSecret("seal");
    await expect(written.run()).rejects.toThrow("not sealed with this secret");
  });
});

it("takes every kind of evidence that its schema knows", async () => {
  const { jwks } = await createPlatform({}, "ES256");
  const bundle = { keys: jwks.keys.map((key) => ({ ...key, use: "jwt-svid" })) };
  const common = `audience: ${AUTHORITY}, jwks: ./jwks.json`;
  const kinds = [
    `oidc: { issuer: "https://issuer.example", ${common}, algorithms: [ES256], maxAge: 60, acceptReuse: true }`,
    `kubernetes: { issuer: "https://cluster.example", ${common}, acceptNames: true }`,
    `githubActions: { ${common}, keyBound: true }`,
    `gitlab: { ${common}, acceptMergeRequests: true }`,
    `awsSts: { issuer: "https://abc.tokens.sts.global.api.aws", ${common} }`,
    `gcpInstance: { ${common} }`,
    `entra: { tenant: aaaabbbb-0000-cccc-1111-dddd2222eeee, version: 2, ${common} }`,
    `spiffe: { trustDomain: corp.example, audience: "${AUTHORITY}", jwks: ./bundle.json }`,
    "x509Svid: { trustDomain: corp.example, proxy: { addresses: [10.0.0.7] } }",
    `oidc: { issuer: "https://issuer.example", audience: a, jwksUri: "https://issuer.example/jwks", allowPrivateNetwork: true }`,
  ];
  const evidence = kinds.map((kind, i) => `  e${i}: { ${kind} }\n`).join("");
  const written = await Written.of(GOOD.replace("rules:", `${evidence}rules:`));
  await written.write("jwks.json", JSON.stringify(jwks));
  await written.write("bundle.json", JSON.stringify(bundle));
  await written.run();
});
