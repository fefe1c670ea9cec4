import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runAuthority } from "@attest/authority/node";
import { AttestingAgent, httpSource } from "@attest/mcp-client";
import { afterEach, expect, it } from "vitest";
import { parse } from "yaml";
import { type Authority, startAuthority } from "../src/index.ts";

const identity = { modelFamily: "aurora", modelVersion: "aurora-2", provider: "example" };
const request = { kind: "message", method: "ping" } as const;

let authority: Authority | undefined;
let folder: string | undefined;
afterEach(async () => {
  await authority?.close();
  if (folder) await rm(folder, { recursive: true });
});

it("attests its workload from the moment that it listens, under either name of this machine", async () => {
  const secret = randomBytes(32).toString("base64url");
  const secretSha256 = createHash("sha256").update(secret).digest("hex");
  authority = await startAuthority({ issuer: "https://models.example", secretSha256, identity });
  for (const hostname of ["127.0.0.1", "localhost"]) {
    const url = new URL("attestations", authority.url);
    url.hostname = hostname;
    const agent = new AttestingAgent({ source: httpSource(url, { credential: () => secret }) });
    const { attestation } = await agent.credentialsFor("https://bank.example/mcp", request);
    expect(attestation.split(".")).toHaveLength(3);
  }
});

it("authority.yaml is a configuration by which an authority runs", async () => {
  const written = await readFile(fileURLToPath(new URL("../authority.yaml", import.meta.url)), "utf8");
  folder = await mkdtemp(join(tmpdir(), "attest-example-"));
  const jwk = { kty: "EC", crv: "P-256", kid: "k", use: "sig", x: "x", y: "y" };
  await writeFile(join(folder, "cluster-jwks.json"), JSON.stringify({ keys: [jwk] }));
  const configuration = { ...parse(written), listen: "127.0.0.1:0", admin: { listen: "127.0.0.1:0" } };
  await writeFile(join(folder, "authority.json"), JSON.stringify(configuration));
  const running = await runAuthority(join(folder, "authority.json"));
  expect(running.issuer).toBe("https://authority.example");
  await running.close();
});
