import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runAuthority } from "@attest/authority/node";
import { AttestationVerifier, decodeAttestation, KeyPair } from "@attest/core";
import { HttpKeyResolver } from "@attest/jwks";
import { AttestingAgent, httpSource } from "@attest/mcp-client";
import { HttpStatusSource } from "@attest/status-list";
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

it("revokes its workload in its status list, attests it no more, and again when it is reinstated", async () => {
  const secret = randomBytes(32).toString("base64url");
  const secretSha256 = createHash("sha256").update(secret).digest("hex");
  const issuer = "https://models.example";
  authority = await startAuthority({ issuer, secretSha256, identity });
  const { statusList, url } = authority;
  const local = { allowInsecureHttp: true, allowPrivateNetwork: true };
  const jwksUri = new URL(".well-known/jwks.json", url).href;
  const keyResolver = new HttpKeyResolver({ issuers: { [issuer]: { jwksUri } }, ...local });
  const statusSource = new HttpStatusSource({ lists: { [issuer]: statusList }, keyResolver, ...local });
  const verifier = new AttestationVerifier({
    trustedIssuers: [{ issuer, trustLevel: "provider", trustDomains: ["example.com"], statusLists: [statusList] }],
    ...{ keyResolver, statusSource, audience: "https://bank.example/mcp" },
  });
  const source = httpSource(new URL("attestations", url), { credential: () => secret });
  const verify = async (agent: AttestingAgent) => {
    const { attestation, proof } = await agent.credentialsFor("https://bank.example/mcp", request);
    return verifier.verify(attestation, { ...request, proof });
  };
  try {
    const agent = new AttestingAgent({ source });
    expect(await verify(agent)).toMatchObject({ outcome: "verified" });
    expect(await authority.revoke()).toHaveLength(1);
    // Published within the publisher's delay.
    await expect
      .poll(async () => {
        await statusSource.reload();
        return verify(agent);
      })
      .toMatchObject({ outcome: "refused", code: "ERR_REVOKED" });
    await expect(verify(new AttestingAgent({ source }))).rejects.toThrow("revoked");
    await authority.reinstate();
    expect(await verify(new AttestingAgent({ source }))).toMatchObject({ outcome: "verified" });
    expect(await verify(agent)).toMatchObject({ outcome: "refused", code: "ERR_REVOKED" });
    // What it attests for its own process has an index too.
    const key = await KeyPair.generate();
    expect(decodeAttestation(await authority.attest(identity, key.toJwk())).claims?.status).toBeDefined();
  } finally {
    await Promise.all([statusSource.close(), keyResolver.close()]);
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
