import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { AttestationVerifier, decodeAttestation } from "@attest/core";
import { HttpKeyResolver } from "@attest/jwks";
import { AttestingAgent, httpSource } from "@attest/mcp-client";
import { HttpStatusSource } from "@attest/status-list";
import { freePort } from "free-port";
import { afterAll, expect, it } from "vitest";
import { BIN, shellIn, workFolder } from "./attest.ts";

const folder = workFolder();
const shell = shellIn(folder);
let authority: ChildProcess | undefined;
afterAll(() => authority?.kill("SIGKILL"));

const AUDIENCE = "https://bank.example/mcp";
const ISSUER = "https://models.example";
const SECRET = "a-secret-of-the-workload-aurora";
const request = { kind: "message", method: "tools/list" } as const;

async function startAuthority(port: number): Promise<void> {
  const sha256 = createHash("sha256").update(SECRET).digest("hex");
  const configuration = `issuer: ${ISSUER}
listen: 127.0.0.1:${port}
keys: { directory: ./keys }
audit: { file: ./issued.jsonl }
storage: { directory: ./state }
statusList: { uri: "http://127.0.0.1:${port}/status/1", ttl: 2 }
evidence: { desk: { secret: { workloads: { aurora: ${sha256} } } } }
rules:
  - { name: aurora, default: true, evidence: desk, subject: aurora, attest: { identity: { modelFamily: aurora, modelVersion: aurora-2, provider: example } } }
`;
  writeFileSync(join(folder, "authority.yaml"), configuration);
  authority = spawn(process.execPath, [BIN, "authority", "--config", "authority.yaml"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "ignore"],
  });
  await once(createInterface({ input: authority.stdout as NodeJS.ReadableStream }), "line");
}

/** A server that trusts the authority and reads its list. */
async function startServer(list: string, jwksUri: string): Promise<AttestationVerifier> {
  const local = { allowInsecureHttp: true, allowPrivateNetwork: true };
  const keyResolver = new HttpKeyResolver({ issuers: { [ISSUER]: { jwksUri } }, ...local });
  const statusSource = new HttpStatusSource({ lists: { [ISSUER]: list }, keyResolver, ...local });
  const verifier = new AttestationVerifier({
    trustedIssuers: [{ issuer: ISSUER, trustLevel: "provider", trustDomains: ["example.com"], statusLists: [list] }],
    ...{ keyResolver, statusSource, audience: AUDIENCE },
  });
  afterAll(async () => {
    await statusSource.close();
    await keyResolver.close();
  });
  await verifier.ready();
  // Proofs from before its start are refused.
  await new Promise((resolve) => setTimeout(resolve, 1100));
  return verifier;
}

it("an agent is stopped everywhere by the guide's own commands, and comes back by them (SPEC-18.3, SPEC-18.6)", async () => {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}/`;
  const [list, jwks] = [`${base}status/1`, `${base}.well-known/jwks.json`];
  await startAuthority(port);
  const servers = [await startServer(list, jwks), await startServer(list, jwks)];
  const source = httpSource(new URL("attestations", base), { credential: () => SECRET });
  const agent = new AttestingAgent({ source });
  const { attestation = "" } = await agent.credentialsFor(AUDIENCE, request);
  const call = async (server: AttestationVerifier) => {
    const { proof = "" } = await agent.credentialsFor(AUDIENCE, request);
    const result = await server.verify(attestation, { ...request, proof });
    return "code" in result
      ? result.code
      : `${result.outcome} ${"keyThumbprint" in result ? result.keyThumbprint : ""}`;
  };
  const [, key = ""] = (await call(servers[0] as AttestationVerifier)).split(" ");
  expect(key).toHaveLength(43);
  expect(await call(servers[1] as AttestationVerifier)).toBe(`verified ${key}`);

  const guide = readFileSync(new URL("../../../docs/when-an-agent-must-stop.md", import.meta.url), "utf8");
  const blocks = [...guide.matchAll(/^```sh\n(.*?)^```/gms)].map(([, commands = ""]) => commands);
  const [find = "", revoke = "", look = "", reinstate = ""] = blocks;
  expect(blocks).toHaveLength(4);
  const known = { KEY: key, LIST: list, ISSUER, JWKS: jwks };
  const { workload, statusIndex } = JSON.parse((await shell(find, known)).stdout);
  expect(statusIndex).toBe(decodeAttestation(attestation).claims?.status?.statusList.idx);
  const env = { ...known, WORKLOAD: workload, IDX: String(statusIndex) };

  const begun = Date.now();
  const revoked = await shell(revoke, env);
  expect(revoked).toMatchObject({ status: 0, stderr: "" });
  expect(revoked.stdout).toContain("after 3 s");
  await expect.poll(async () => (await shell(look, env)).stdout, { timeout: 10_000 }).toContain("REVOKED");
  for (const server of servers) await expect.poll(() => call(server), { timeout: 10_000 }).toBe("ERR_REVOKED");
  // 1 + 2 + 5 seconds, by the guide's formula; and the time that a busy machine takes to ask.
  expect(Date.now() - begun).toBeLessThan(20_000);
  const renewed = () => new AttestingAgent({ source }).credentialsFor(AUDIENCE, request);
  await expect(renewed()).rejects.toThrow("revoked");

  expect(await shell(reinstate, env)).toMatchObject({ status: 0, stderr: "" });
  await renewed();
  for (const server of servers) expect(await call(server)).toBe("ERR_REVOKED");
}, 60_000);
