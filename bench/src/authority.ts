// Measures an authority whose agents all renew at once. Usage: pnpm --filter bench authority [out.json]
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeBase64url, KeyPair, possessionInput } from "@attest/core";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { RedisServer } from "redis-harness";
import { signaturesAlone } from "./signatures-of-an-issuance.ts";

const AGENTS = 1000;
/**
 * Turns before those that count, of two rounds each: what is meant is an authority that has run for a while, and its code is
 * compiled by then.
 */
const WARM_UP = 2;
const ROUNDS = 3;
const AUTHORITY = "https://authority.example";
const ISSUER = "https://issuer.example";

const platform = await generateKeyPair("RS256");
const jwks = { keys: [{ ...(await exportJWK(platform.publicKey)), kid: "k1", alg: "RS256", use: "sig" }] };
const agents = await Promise.all(Array.from({ length: AGENTS }, () => KeyPair.generate()));

/** Of each authority, with its configuration and state. */
const folders: string[] = [];

interface Replica {
  readonly child: ChildProcess;
  readonly url: string;
}

/** What all agents ask, and what that took. */
interface Setting {
  readonly what: string;
  readonly replicas: readonly Replica[];
  /** Microseconds of all replicas, round by round. */
  readonly spent: number[];
  /** Milliseconds of each renewal. */
  readonly latencies: number[];
}

/** Evidence for one renewal of each agent: each is used once. */
async function evidence(): Promise<readonly string[]> {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: ISSUER, aud: AUTHORITY, iat: now, exp: now + 600 };
  const token = (_: unknown, i: number) =>
    new SignJWT({ ...claims, sub: `agent-${i}`, jti: randomBytes(8).toString("hex") })
      .setProtectedHeader({ alg: "RS256", kid: "k1" })
      .sign(platform.privateKey);
  return Promise.all(Array.from({ length: AGENTS }, token));
}

/** A folder with the configuration of an authority in it. */
function configured(redis: RedisServer | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), "attest-load-"));
  folders.push(folder);
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 });
  write("jwks.json", JSON.stringify(jwks));
  write("secret", randomBytes(32).toString("base64url"));
  write(
    "authority.yaml",
    `issuer: ${AUTHORITY}
listen: 127.0.0.1:0
publicUrl: ${AUTHORITY}
keys: { directory: ./keys }
secrets: [./secret]
storage: { directory: ./state }
statusList: { uri: "${AUTHORITY}/status/1" }
audit: { file: ./issued.jsonl }
${redis ? `replay: { redis: "redis://127.0.0.1:${redis.port}", keyPrefix: "${folder}" }\n` : ""}evidence:
  platform: { oidc: { issuer: "${ISSUER}", audience: "${AUTHORITY}", jwks: ./jwks.json, algorithms: [RS256] } }
rules:
  - name: agents
    default: true
    evidence: platform
    subject: agent-*
    attest: { identity: { modelFamily: example, modelVersion: example-1, provider: example } }
`,
  );
  return folder;
}

async function authorities(what: string, count: number, redis: RedisServer | undefined): Promise<Setting> {
  const configuration = join(configured(redis), "authority.yaml");
  const replicas: Replica[] = [];
  for (let i = 0; i < count; i++) replicas.push(await start("authority-process", [configuration]));
  return { what, replicas, spent: [], latencies: [] };
}

/** Has all agents renew twice at one of the settings. The second time counts: the first finds every cache of the machine cold. */
async function turn({ replicas, spent, latencies }: Setting, isMeasured: boolean): Promise<void> {
  const tokens = [await evidence(), await evidence()] as const;
  await renewAll(replicas, tokens[0], []);
  const begun = await cpuOf(replicas);
  await renewAll(replicas, tokens[1], isMeasured ? latencies : []);
  if (isMeasured) spent.push(((await cpuOf(replicas)) - begun) / AGENTS);
}

/** All of them at once: asks for a challenge, answers it, and has its key attested. */
async function renewAll(replicas: readonly Replica[], tokens: readonly string[], latencies: number[]): Promise<void> {
  const renew = async (signer: KeyPair, i: number) => {
    const begun = performance.now();
    const post = async (path: string, body: object, at: number) => {
      const url = (replicas[(i + at) % replicas.length] as Replica).url;
      const headers = { Authorization: `Bearer ${tokens[i]}`, "Content-Type": "application/json" };
      const request = { method: "POST", headers, body: JSON.stringify(body) };
      const answer = await patiently(() => fetch(new URL(path, url), request));
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as { challenge: string };
    };
    const { challenge } = await post("attestations/challenge", {}, 0);
    const signature = encodeBase64url(await signer.sign(possessionInput(challenge, `${AUTHORITY}/attestations`)));
    const body = { confirmation_key: signer.toJwk(), possession: { challenge, signature } };
    await post("attestations", body, 1);
    latencies.push(performance.now() - begun);
  };
  await Promise.all(agents.map(renew));
}

/** A server closes connections that were idle for five seconds, perhaps just now. */
async function patiently(send: () => Promise<Response>): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await send();
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
}

async function start(program: string, args: readonly string[]): Promise<Replica> {
  const path = fileURLToPath(new URL(`./${program}.js`, import.meta.url));
  const child = fork(path, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const [{ url }] = await once(child, "message");
  return { child, url };
}

/** Microseconds of all replicas so far. */
async function cpuOf(replicas: readonly Replica[]): Promise<number> {
  let sum = 0;
  for (const { child } of replicas) {
    const answer = once(child, "message");
    child.send("cpu");
    const [{ user, system }] = await answer;
    sum += user + system;
  }
  return sum;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const rounded = (value: number) => Number(value.toPrecision(3));

const redis = await RedisServer.start();
const floor: Setting = {
  what: "a server that reads and answers, and does nothing",
  replicas: [await start("answering-process", [])],
  spent: [],
  latencies: [],
};
const memory = await authorities("one replica, replay cache in memory", 1, undefined);
const one = await authorities("one replica, Redis", 1, redis);
const two = await authorities("two replicas, Redis", 2, redis);
const settings = [floor, memory, one, two];
// Without Redis, challenges of the second in which it started are refused.
await new Promise((resolve) => setTimeout(resolve, 2000));
const signatures: number[] = [];
for (let i = 0; i < WARM_UP + ROUNDS; i++) {
  // By turns: whatever else the machine does meets all of them alike.
  for (const setting of settings) await turn(setting, i >= WARM_UP);
  if (i >= WARM_UP) signatures.push(await signaturesAlone());
}
for (const { child } of settings.flatMap(({ replicas }) => replicas)) child.kill("SIGKILL");
await redis.stop();
// What a replica still writes may get in the way.
for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
const alone = mean(signatures);
const loads = settings.map(({ what, spent, latencies }) => {
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { what, issuances: latencies.length, cpu: mean(spent), p50: at(0.5), p99: at(0.99) };
});
console.log(
  `${process.version}; ${AGENTS} agents renew at once, ${ROUNDS} times by turns, each after one that is not measured, and all after ${2 * WARM_UP}; ` +
    `the signatures alone: ${rounded(alone)} µs`,
);
console.table(
  loads.map(({ what, issuances, cpu, p50, p99 }) => ({
    what,
    issuances,
    "CPU µs": rounded(cpu),
    "per CPU-second": rounded(1e6 / cpu),
    "of signatures alone": what === floor.what ? "" : rounded(alone / cpu),
    "p50 ms": rounded(p50),
    "p99 ms": rounded(p99),
  })),
);
console.log(`two replicas ÷ one, with Redis: ${rounded(mean(two.spent) / mean(one.spent))} (at most 1.3)`);
if (process.argv[2]) writeFileSync(process.argv[2], `${JSON.stringify({ alone, loads }, null, 2)}\n`);
