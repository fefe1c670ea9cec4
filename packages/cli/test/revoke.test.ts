import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { decodeAttestation, KeyPair } from "@attest/core";
import { AttestingAgent, httpSource } from "@attest/mcp-client";
import { StatusListPublisher } from "@attest/status-list";
import { FileStatusStorage } from "@attest/status-list/node";
import { freePort } from "free-port";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { attestIn, BIN, workFolder } from "./attest.ts";

const SECRET = "a-secret-of-the-workload-aurora";
const LIST = "https://models.example/status/1";
const ISSUER = "https://models.example";
const TOKEN = randomBytes(32).toString("base64url");
const CONFIGURATION = `issuer: ${ISSUER}
listen: 127.0.0.1:0
keys: { directory: ./keys }
storage: { directory: ./state }
statusList: { uri: "${LIST}", ttl: 5 }
admin: { listen: "127.0.0.1:0", token: ./token }
audit: { file: ./issued.jsonl }
evidence:
  desk: { secret: { workloads: { aurora: ${createHash("sha256").update(SECRET).digest("hex")} } } }
rules:
  - name: aurora
    default: true
    evidence: desk
    subject: aurora
    attest: { identity: { modelFamily: aurora, modelVersion: aurora-2, provider: example } }
`;

const folder = workFolder();
const attest = attestIn(folder);
let child: ChildProcess | undefined;
afterEach(() => child?.kill("SIGKILL"));
beforeAll(() => {
  writeFileSync(join(folder, "authority.yaml"), CONFIGURATION);
  writeFileSync(join(folder, "token"), `${TOKEN}\n`, { mode: 0o600 });
});

async function start(...args: string[]): Promise<{ url: URL; log: AsyncIterator<string> }> {
  child = spawn(process.execPath, [BIN, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  const { stdout, stderr } = child;
  if (!stdout || !stderr) throw new Error("The process has no pipes");
  const [line] = await once(createInterface({ input: stdout }), "line");
  return { url: new URL(line), log: createInterface({ input: stderr })[Symbol.asyncIterator]() };
}

const ask = async (url: URL): Promise<string> => {
  const source = httpSource(new URL("attestations", url), { credential: () => SECRET });
  const request = { kind: "message", method: "ping" } as const;
  return (await new AttestingAgent({ source }).credentialsFor("https://bank.example/mcp", request)).attestation ?? "";
};
const indexIn = (attestation: string) => decodeAttestation(attestation).claims?.status?.statusList.idx ?? -1;

/** Looks an index up as a server would, at the address where the list is on this machine. */
const lookUp = (list: string, idx: number, jwks: string, ...more: string[]) =>
  attest([
    ...["status", list, String(idx), "--issuer", ISSUER, "--jwks", jwks],
    ...["--allow-insecure-http", "--allow-private-network", "--json", ...more],
  ]);

describe("attest revoke", () => {
  it("revokes by the configuration of an authority that runs, and lets a workload be attested again", async () => {
    const { url } = await start("authority", "--config", "authority.yaml");
    const attestation = await ask(url);
    const workload = ["--config", "authority.yaml", "--workload", "desk/aurora"];
    const { status, stdout } = await attest(["revoke", ...workload]);
    expect(status).toBe(0);
    expect(stdout).toContain(`REVOKED  workload desk/aurora\n  index ${indexIn(attestation)}\n`);
    expect(stdout).toContain("after 6 s, plus each one's fetch deadline");
    await expect(ask(url)).rejects.toThrow("revoked");
    expect(await readFile(join(folder, "issued.jsonl"), "utf8")).toContain('"outcome":"revoked"');
    expect((await attest(["revoke", "--reinstate", ...workload])).stdout).toContain("REINSTATED");
    await ask(url);
  });

  it("revokes at the admin address, whoever holds its token, and by an attestation", async () => {
    const { url, log } = await start("authority", "--config", "authority.yaml");
    const { admin } = JSON.parse((await log.next()).value);
    const attestation = await ask(url);
    await writeFile(join(folder, "attestation"), attestation);
    const at = ["revoke", "--authority", admin, "--token-file"];
    const revoked = await attest([...at, "token", "--attestation", "attestation", "--json"]);
    expect(JSON.parse(revoked.stdout)).toEqual({ revoked: [indexIn(attestation)], within: 6 });
    await writeFile(join(folder, "other"), randomBytes(32).toString("base64url"));
    const refused = await attest([...at, "other", "--workload", "desk/aurora"]);
    expect(refused).toMatchObject({ status: 2, stdout: "" });
    expect(refused.stderr).toContain("is not the token of this authority");
    expect(refused.stderr).not.toContain(TOKEN);
    const elsewhere = await attest(["revoke", "--authority", url.href, "--token-file", "token", "--idx", "7"]);
    expect(elsewhere.stderr).toContain("is it the admin address");
  });

  it("says so where nothing is known of a workload", async () => {
    const { stdout } = await attest(["revoke", "--config", "authority.yaml", "--workload", "desk/auroa"]);
    expect(stdout).toContain("look at its spelling");
  });

  it.each<[string, string[], string]>([
    ["nothing to revoke", ["--config", "authority.yaml"], "Give one of --workload"],
    ["two things to revoke", ["--config", "authority.yaml", "--idx", "1", "--key", "x"], "Give one of --workload"],
    ["no place", ["--idx", "1"], "Give one of --config"],
    ["two places", ["--config", "authority.yaml", "--storage", ".", "--idx", "1"], "Give one of --config"],
    ["an authority without a token", ["--authority", "http://127.0.0.1:1", "--idx", "1"], "belong together"],
    [
      "a token in the clear",
      ["--authority", "http://10.0.0.7:9470", "--token-file", "token", "--idx", "1"],
      "would travel in the clear",
    ],
    ["a directory that is not there", ["--storage", "./nowhere", "--idx", "1"], "is not a directory"],
    ["an index that is nobody's", ["--config", "authority.yaml", "--idx", "131071999"], "must be an index in use"],
    ["an index to reinstate", ["--config", "authority.yaml", "--idx", "1", "--reinstate"], "needs --workload or --key"],
    ["a key that is none", ["--config", "authority.yaml", "--key", "short"], "must be an RFC 7638"],
    ["a configuration without a list", ["--config", "plain.yaml", "--idx", "1"], "statusList: is needed to revoke"],
  ])("does nothing for %s", async (_, args, problem) => {
    await writeFile(join(folder, "plain.yaml"), CONFIGURATION.replace(/storage: .*\nstatusList: .*\nadmin: .*\n/, ""));
    const { status, stdout, stderr } = await attest(["revoke", ...args]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(problem);
  });
});

describe("attest serve-status and attest status", () => {
  it("serve what a directory holds, and tell what a server would be told of it (SPEC-18.6, SPEC-18.7)", async () => {
    await attest(["keygen", "--out", "signer.json", "--kid", "k1"]);
    const signer = await KeyPair.fromJwk(JSON.parse(await readFile(join(folder, "signer.json"), "utf8")));
    await writeFile(join(folder, "public.json"), JSON.stringify({ ...signer.toJwk() }));
    // The list's name is the address that it has on this machine, so that a look-up fetches it there.
    const port = await freePort();
    const uri = `http://127.0.0.1:${port}/status/1`;
    const storage = new FileStatusStorage(join(folder, "own-state"));
    const publisher = await StatusListPublisher.open({ uri, issuer: ISSUER, signer, storage });
    const { idx } = await publisher.allocate("k".repeat(43), { workload: "desk/aurora" });
    const { url } = await start(
      ...["serve-status", "--storage", "own-state", "--uri", uri, "--issuer", ISSUER, "--key", "signer.json"],
      ...["--port", String(port)],
    );
    expect(url.href).toBe(uri);
    const valid = await lookUp(uri, idx, "public.json");
    expect(valid.status).toBe(0);
    expect(JSON.parse(valid.stdout)).toMatchObject({ status: "valid", list: { size: 1_048_576 } });
    expect((await attest(["revoke", "--storage", "own-state", "--idx", String(idx)])).stdout).toContain("1 s and the");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const revoked = await lookUp(uri, idx, "public.json");
    expect(revoked.status).toBe(1);
    expect(JSON.parse(revoked.stdout).status).toBe("revoked");
    const beyond = await lookUp(uri, 2 ** 22, "public.json");
    expect(beyond.status).toBe(1);
    expect(JSON.parse(beyond.stdout)).toMatchObject({ status: "unknown", problem: expect.stringContaining("index") });
    await writeFile(join(folder, "stranger.json"), (await attest(["keygen", "--kid", "k1", "--out", "s.json"])).stdout);
    const forged = await lookUp(uri, idx, "stranger.json");
    expect(JSON.parse(forged.stdout)).toMatchObject({
      status: "unknown",
      problem: expect.stringContaining("signature"),
    });
  });

  it("look nothing up over http unasked", async () => {
    const { status, stderr } = await attest([
      "status",
      "http://a.example/1",
      "1",
      "--issuer",
      ISSUER,
      "--jwks",
      "token",
    ]);
    expect(status).toBe(2);
    expect(stderr).toContain("--allow-insecure-http");
  });
});

it("attest attack --authority says what got through to an authority", async () => {
  const { url } = await start("authority", "--config", "authority.yaml");
  await writeFile(join(folder, "secret"), `${SECRET}\n`);
  const at = ["attack", "--authority", new URL("attestations", url).href];
  const { status, stdout } = await attest([...at, "--credential-file", "secret", "--json"]);
  expect(JSON.parse(stdout).results.filter(({ outcome }: { outcome: string }) => outcome !== "blocked")).toEqual([]);
  expect(status).toBe(0);
  expect((await attest(at)).stderr).toContain("--credential-file");
});
