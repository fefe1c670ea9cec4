import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { decodeAttestation, importVerificationKey, KeyPair } from "@attest/core";
import { AttestingAgent, httpSource } from "@attest/mcp-client";
import { StatusList } from "@attest/status-list";
import { build } from "tsup";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { GOOD, SECRET, Written } from "./written.ts";

const STATUS = `storage: { directory: ./state }
statusList: { uri: "https://models.example/status/1", size: 131072 }
keys: { directory: ./keys }
audit: { file: ./issued.jsonl }
admin: { listen: "127.0.0.1:0", token: ./token }
limits: { perWorkload: 100000 }
`;

let work = "";
beforeAll(async () => {
  // Next to the sources, so that packages are found.
  work = await mkdtemp(fileURLToPath(new URL("../node_modules/.killed-", import.meta.url)));
  await build({
    entry: [fileURLToPath(new URL("authority-process.ts", import.meta.url))],
    ...{
      outDir: work,
      format: "esm",
      config: false,
      silent: true,
      noExternal: [/@attest/],
      external: ["pg", "ioredis"],
    },
    esbuildOptions(options) {
      options.conditions = ["@attest/source", "node"];
    },
    // What is bundled along asks for Node's own modules by `require`.
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
    outExtension: () => ({ js: ".mjs" }),
  });
});
afterAll(() => rm(work, { recursive: true, force: true }));

async function startProcess(configuration: string) {
  const child: ChildProcess = spawn(process.execPath, [join(work, "authority-process.mjs"), configuration], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const line = once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), "line");
  await Promise.race([line, once(child, "exit")]);
  if (child.exitCode !== null) throw new Error("The authority did not start");
  const [url = "", adminUrl = ""] = String((await line)[0]).split(" ");
  return { child, url: new URL(url), adminUrl: new URL(adminUrl) };
}

/** What clients were told is done: keys with their indexes, and those that were revoked. */
interface Confirmed {
  readonly indexes: Map<string, number>;
  readonly revoked: Set<string>;
}

async function attest(url: URL, signer: KeyPair): Promise<number> {
  const source = httpSource(new URL("attestations", url), { credential: () => SECRET });
  const agent = new AttestingAgent({ source, signer });
  const { attestation } = await agent.credentialsFor("https://bank.example/mcp", { kind: "message", method: "ping" });
  return decodeAttestation(attestation ?? "").claims?.status?.statusList.idx ?? Number.NaN;
}

/** Has keys attested, and every second one revoked, until the process is gone. */
async function use(
  { child, url, adminUrl }: Awaited<ReturnType<typeof startProcess>>,
  token: string,
  confirmed: Confirmed,
) {
  while (child.exitCode === null && child.signalCode === null) {
    const signer = await KeyPair.generate();
    const { thumbprint } = await importVerificationKey(signer.toJwk());
    const idx = await attest(url, signer).catch(() => undefined);
    if (idx === undefined) continue;
    confirmed.indexes.set(thumbprint, idx);
    if (confirmed.indexes.size % 2 === 0) continue;
    const body = JSON.stringify({ key: thumbprint });
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await fetch(new URL("revocations", adminUrl), { method: "POST", headers, body }).catch(
      () => undefined,
    );
    if (answer?.status === 200) confirmed.revoked.add(thumbprint);
  }
}

it("loses no confirmed revocation, gives no index twice and has every attestation written down, whenever it is killed", async () => {
  const written = await Written.of(GOOD + STATUS);
  await written.writeSecret("token");
  const token = (await readFile(written.path("token"), "utf8")).trim();
  const confirmed: Confirmed = { indexes: new Map(), revoked: new Set() };
  for (let round = 1; round <= 3; round++) {
    const processes = [await startProcess(written.path()), await startProcess(written.path())];
    const uses = processes.flatMap((one) => [use(one, token, confirmed), use(one, token, confirmed)]);
    await expect.poll(() => confirmed.revoked.size, { timeout: 60_000, interval: 5 }).toBeGreaterThan(15 * round);
    for (const { child } of processes) child.kill("SIGKILL");
    await Promise.all(uses);
  }
  expect(new Set(confirmed.indexes.values()).size).toBe(confirmed.indexes.size);
  const last = await written.run();
  const list = await (await fetch(new URL("status/1", last.url))).text();
  const { status_list } = JSON.parse(Buffer.from(list.split(".")[1] ?? "", "base64url").toString());
  const decoded = await StatusList.decode(status_list);
  const lost = [...confirmed.revoked].filter((key) => decoded.get(confirmed.indexes.get(key) ?? -1) !== 1);
  expect(lost).toEqual([]);
  const log = await readFile(written.path("issued.jsonl"), "utf8");
  expect([...confirmed.indexes.keys()].filter((key) => !log.includes(key))).toEqual([]);
}, 180_000);
