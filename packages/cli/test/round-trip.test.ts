import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AUDIENCE, attestIn, BIN, ISSUER, shellIn, workFolder } from "./attest.ts";

const folder = workFolder();
const attest = attestIn(folder);
const shell = shellIn(folder);
const BODY = '{"jsonrpc":"2.0","id":1,"method":"tools/list"}';
const trust = ["--jwks", "authority-public.json", "--issuer", ISSUER, "--trust-domain", "example.com"];
const server = [...trust, "--audience", AUDIENCE];
const make = ["generate", "--issuer", ISSUER, "--key", "authority.json"];
const write = (name: string, content: string) => writeFileSync(join(folder, name), content);

beforeAll(async () => {
  for (const name of ["authority", "agent"]) {
    const { stdout } = await attest(["keygen", "--out", `${name}.json`, "--kid", `${name}-1`]);
    write(`${name}-public.json`, stdout);
  }
  write("body.json", BODY);
});

async function token(...args: string[]): Promise<string> {
  const { stdout, status, stderr } = await attest([...make, ...args]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

describe("a bound attestation", () => {
  const prove = ["prove", "-", "--holder-key", "agent.json", "--audience", AUDIENCE];

  it("is made, proved for a message, verified and inspected", async () => {
    const attestation = await token("--holder-key", "agent-public.json", "--model-version", "example-2");
    const message = ["--method", "tools/call", "--params", '{"name":"transfer"}'];
    const proof = (await attest([...prove, ...message], attestation)).stdout.trim();
    const verified = await attest(["verify", "-", ...server, "--proof", proof, ...message, "--json"], attestation);
    expect(verified.status).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({
      outcome: "verified",
      profile: "bound",
      trustLevel: "provider",
      issuer: ISSUER,
      subject: "spiffe://example.com/model/example-2",
    });
    const inspected = await attest(["inspect", "-"], attestation);
    expect(inspected.status).toBe(0);
    expect(inspected.stdout).toContain("NOT VERIFIED");
    expect(inspected.stdout).toMatch(/expires in 4 min 5\d s/);
    expect(inspected.stdout).toContain("spiffe://example.com/model/example-2");
  });

  it("is verified for an HTTP request to the byte, its session and its access token", async () => {
    write("access-token", "secret-access-token\n");
    const attestation = await token("--holder-key", "agent.json");
    const request = ["--http", "POST", "--body", "body.json", "--session-id", "s-1", "--access-token", "access-token"];
    const { stdout } = await attest([...prove, ...request, "--json"], attestation);
    const { proof } = JSON.parse(stdout);
    const { ath } = JSON.parse(Buffer.from(proof.split(".")[1], "base64url").toString());
    expect(ath).toBe(createHash("sha256").update("secret-access-token").digest("base64url"));
    expect((await attest(["verify", "-", ...server, "--proof", proof, ...request], attestation)).status).toBe(0);
    write("other.json", `${BODY}\n`);
    const other = request.map((argument) => (argument === "body.json" ? "other.json" : argument));
    const altered = await attest(["verify", "-", ...server, "--proof", proof, ...other, "--json"], attestation);
    expect(altered.status).toBe(1);
    expect(JSON.parse(altered.stdout).code).toBe("ERR_PROOF_DIGEST");
  });

  it("comes as the HTTP fields that curl takes", async () => {
    const attestation = await token("--holder-key", "agent.json");
    const { stdout } = await attest([...prove, "--http", "GET", "--headers"], attestation);
    expect(stdout).toMatch(/^Agent-Attestation: eyJ[\w.-]+\nAgent-Attestation-Proof: eyJ[\w.-]+\n$/);
  });

  it("is refused without its proof, and says what to give", async () => {
    const attestation = await token("--holder-key", "agent.json");
    const { status, stdout } = await attest(["verify", "-", ...server], attestation);
    expect(status).toBe(1);
    expect(stdout).toContain("ERR_PROOF_REQUIRED");
    expect(stdout).toContain("--proof");
  });
});

describe("a bearer attestation", () => {
  it("goes through pipes from key to verdict", async () => {
    const { status, stdout } = await shell(
      `attest keygen --out - --kid piped | tee piped.json | attest generate --key - --issuer ${ISSUER} --bearer --audience ${AUDIENCE} > piped.token
       attest inspect - < piped.token > piped.seen || exit 3
       node -e 'const { d, ...key } = JSON.parse(require("fs").readFileSync("piped.json")); console.log(JSON.stringify({ keys: [key] }))' > piped.jwks
       attest verify - --jwks piped.jwks --issuer ${ISSUER} --trust-domain example.com --audience ${AUDIENCE} --allow-bearer < piped.token`,
    );
    expect(stdout).toContain("VERIFIED");
    expect(status).toBe(0);
    expect(readFileSync(join(folder, "piped.seen"), "utf8")).toContain("bearer token");
  });

  it("is accepted only where that is asked for by name (T23)", async () => {
    const attestation = await token("--bearer", "--audience", AUDIENCE);
    const refused = await attest(["verify", "-", ...server, "--json"], attestation);
    expect(refused.status).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ outcome: "refused", code: "ERR_BEARER_NOT_ALLOWED" });
    expect((await attest(["verify", "-", ...server, "--allow-bearer"], attestation)).status).toBe(0);
  });
});

describe("what generate says", () => {
  it("is all there as JSON, hashes and enterprise included", async () => {
    write("prompt.txt", "abc");
    const full = await token(
      ...["--holder-key", "agent.json", "--output", "full", "--system-prompt", "prompt.txt", "--type", "enterprise"],
      ...["--enterprise", "acme/payments/prod", "--capability", "search", "--capability", "pay", "--lifetime", "60"],
    );
    const { claims, profile, expiresAt, token: attestation } = JSON.parse(full);
    expect(profile).toBe("bound");
    expect(claims).toMatchObject({
      agentIdentity: { enterprise: { orgId: "acme", workloadId: "payments", deploymentEnv: "prod" } },
      agentIntegrity: {
        systemPromptHash: "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
      },
      attestationMetadata: { attestationType: "enterprise", capabilitiesDeclared: ["search", "pay"] },
    });
    expect(expiresAt - claims.iat).toBe(60);
    expect(attestation.split(".")).toHaveLength(3);
  });

  it.each([
    ["neither profile", []],
    ["both profiles", ["--bearer", "--audience", AUDIENCE, "--holder-key", "agent.json"]],
    ["a bearer token for nobody", ["--bearer"]],
    ["a life that is too long", ["--holder-key", "agent.json", "--lifetime", "3601"]],
    ["half an enterprise", ["--holder-key", "agent.json", "--enterprise", "acme"]],
    ["a subject that is no SPIFFE ID", ["--holder-key", "agent.json", "--subject", "example"]],
    ["a public key to sign with", ["--holder-key", "agent.json", "--key", "authority-public.json"]],
    ["stdin for two things", ["--holder-key", "-", "--key", "-"]],
  ])("takes %s for wrong usage", async (_, args) => {
    const { status, stdout, stderr } = await attest(
      [...make, ...args],
      readFileSync(join(folder, "agent.json"), "utf8"),
    );
    expect(stdout).toBe("");
    expect(stderr).not.toBe("");
    expect(status).toBe(2);
  });
});

describe("verify", () => {
  it.each([
    ["nothing", ""],
    ["garbage", "a.b.c"],
    ["too much", "x".repeat(7000)],
  ])("refuses %s in the place of a token", async (_, text) => {
    const { status, stdout } = await attest(["verify", "-", ...server, "--json"], text);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: "refused", reason: "attestation_invalid" });
  });

  it.each([
    ["an issuer that is not trusted", ["--issuer", "https://other.example"], "ERR_ISSUER_UNTRUSTED"],
    ["another audience", ["--audience", "https://other.example"], "ERR_ATTESTATION_AUDIENCE"],
    ["another trust domain", ["--trust-domain", "other.example"], "ERR_TRUST_DOMAIN"],
    ["another trust level", ["--trust-level", "enterprise", "--holder"], "ERR_ATTESTATION_TYPE"],
    ["a claim that is not there", ["--required-claim", "agent_integrity"], "ERR_CLAIM_REQUIRED"],
    ["a key of another kid", ["--jwks", "agent-public.json"], "ERR_KEY_NOT_FOUND"],
  ])("refuses %s by its code", async (_, [option = "", value = "", bound], code) => {
    const profile = bound ? ["--holder-key", "agent.json"] : ["--bearer"];
    const attestation = await token(...profile, "--audience", AUDIENCE);
    const options = [...server, "--allow-bearer"];
    const at = options.indexOf(option);
    if (at < 0) options.push(option, value);
    else options[at + 1] = value;
    const { status, stdout } = await attest(["verify", "-", ...options, "--json"], attestation);
    expect(JSON.parse(stdout).code).toBe(code);
    expect(status).toBe(1);
  });

  it.each([
    ["an option of a server and of this command", ["--issuer", "https://other.example"], /trustedIssuers.*--issuer/s],
    ["nothing of this command's where there is nothing to set", [], /ERR_ATTESTATION_SIGNATURE.*next +Do not trust/s],
  ])("says what to do about a refusal: %s", async (_, options, advice) => {
    const attestation = await token("--bearer", "--audience", AUDIENCE);
    const [head, payload, signature = ""] = attestation.trim().split(".");
    const altered =
      options.length > 0 ? attestation : `${head}.${payload}.${signature[0] === "A" ? "B" : "A"}${signature.slice(1)}`;
    const { stdout } = await attest(["verify", "-", ...server, "--allow-bearer", ...options], altered);
    expect(stdout).toMatch(advice);
    expect(stdout.includes("option here")).toBe(options.length > 0);
  });

  it("passes over keys for other uses in a set", async () => {
    const authority = JSON.parse(readFileSync(join(folder, "authority-public.json"), "utf8"));
    write("set.json", JSON.stringify({ keys: [{ kty: "RSA", n: "AQAB", e: "AQAB", kid: "rsa" }, authority] }));
    const attestation = await token("--bearer", "--audience", AUDIENCE);
    const options = ["--jwks", "set.json", ...server.slice(2), "--allow-bearer"];
    expect((await attest(["verify", "-", ...options], attestation)).status).toBe(0);
  });

  it("refuses a private key where a public one belongs, and repeats nothing of it (K3, O1)", async () => {
    const { d } = JSON.parse(readFileSync(join(folder, "authority.json"), "utf8"));
    const { status, stdout, stderr } = await attest(
      ["verify", "-", "--jwks", "authority.json", ...server.slice(2)],
      "x",
    );
    expect(status).toBe(2);
    expect(stderr).toContain("disclosed");
    expect(stdout + stderr).not.toContain(d);
  });

  it("needs to know what a proof is for", async () => {
    const { status, stderr } = await attest(["verify", "token", ...server, "--proof", "p"]);
    expect(status).toBe(2);
    expect(stderr).toContain("--method");
  });
});

it("warns of a private key that others can read", async () => {
  write("loose.json", readFileSync(join(folder, "agent.json"), "utf8"));
  chmodSync(join(folder, "loose.json"), 0o644);
  const { status, stderr } = await attest(
    ["prove", "-", "--holder-key", "loose.json", "--audience", AUDIENCE, "--method", "ping"],
    "token",
  );
  expect(status).toBe(0);
  expect(stderr).toContain("chmod 600");
});

describe("a key of the set that is passed over", () => {
  const verifyWith = async (...keys: readonly string[]) => {
    const attestation = await token("--bearer", "--audience", AUDIENCE);
    return attest(["verify", "-", ...keys, ...server.slice(2), "--allow-bearer"], attestation);
  };
  const own = () => JSON.parse(readFileSync(join(folder, "authority-public.json"), "utf8"));

  it("in a file is reported with the reason (SPEC-8.15)", async () => {
    const other = JSON.parse(readFileSync(join(folder, "agent-public.json"), "utf8"));
    write("mixed.json", JSON.stringify({ keys: [{ ...own(), kty: "RSA" }, other] }));
    const { status, stdout } = await verifyWith("--jwks", "mixed.json");
    expect(stdout).toContain("neither an Ed25519 nor a P-256 key");
    expect(stdout).toContain("ERR_KEY_NOT_FOUND");
    expect(status).toBe(1);
  });

  it("at a URL is reported with the reason (SPEC-8.15)", async () => {
    const publisher = createServer((_, res) => res.end(JSON.stringify({ keys: [{ ...own(), use: "enc" }] })));
    await new Promise<void>((resolve) => publisher.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(publisher.address() as AddressInfo).port}/`;
    const { status, stdout } = await verifyWith("--jwks", url, "--allow-insecure-http", "--allow-private-network");
    await new Promise((resolve) => publisher.close(resolve));
    expect(stdout).toContain("The JWK has a `use` other than `sig`");
    expect(stdout).toContain("ERR_KEY_NOT_FOUND");
    expect(status).toBe(1);
  });
});

describe("keys from a URL", () => {
  let publisher: ChildProcess;
  let url: string;
  beforeAll(async () => {
    const args = [BIN, "serve-jwks", "--key", "authority.json"];
    publisher = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
    const output = createInterface({ input: publisher.stdout as NodeJS.ReadableStream });
    url = await new Promise((resolve) => output.once("line", resolve));
  });
  afterAll(() => publisher?.kill("SIGKILL"));

  it("are fetched as serve-jwks serves them, where http and this machine are allowed by name (J2)", async () => {
    const attestation = await token("--bearer", "--audience", AUDIENCE);
    const verify = (...allowed: string[]) =>
      attest(["verify", "-", "--jwks", url, ...server.slice(2), "--allow-bearer", "--json", ...allowed], attestation);
    const both = await verify("--allow-insecure-http", "--allow-private-network");
    expect(JSON.parse(both.stdout)).toMatchObject({ outcome: "verified" });
    expect(both.status).toBe(0);
    const insecure = await verify("--allow-insecure-http");
    expect(JSON.parse(insecure.stdout)).toMatchObject({ code: "ERR_KEY_SOURCE_UNAVAILABLE" });
    expect(insecure.status).toBe(1);
    const neither = await verify();
    expect(neither.stderr).toContain("--allow-insecure-http");
    expect(neither.status).toBe(2);
  });
});
