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
const ROUNDS = 3;
const AUTHORITY = "https://authority.example";
const ISSUER = "https://issuer.example";

const platform = await generateKeyPair("RS256");
const jwks = { keys: [{ ...(await exportJWK(platform.publicKey)), kid: "k1", alg: "RS256", use: "sig" }] };
const agents = await Promise.all(Array.from({ length: AGENTS }, () => KeyPair.generate()));

interface Replica {
  readonly child: ChildProcess;
  readonly url: string;
}

interface Load {
  readonly what: string;
  readonly issuances: number;
  /** Microseconds of all replicas for one issuance. */
  readonly cpu: number;
  readonly p50: number;
  readonly p99: number;
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

async function load(what: string, count: number, redis: RedisServer | undefined): Promise<Load> {
  const folder = mkdtempSync(join(tmpdir(), "attest-load-"));
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
  const replicas: Replica[] = [];
  for (let i = 0; i < count; i++) replicas.push(await startReplica(join(folder, "authority.yaml")));
  // Without Redis, challenges of the second in which it started are refused.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const latencies: number[] = [];
  await renewAll(replicas, await evidence(), []); // first indexes, first code
  let spent = 0;
  const evidences = [];
  for (let round = 0; round < ROUNDS; round++) evidences.push(await evidence());
  for (const tokens of evidences) {
    const before = await cpuOf(replicas);
    await renewAll(replicas, tokens, latencies);
    spent += (await cpuOf(replicas)) - before;
  }
  for (const { child } of replicas) child.kill("SIGKILL");
  // What a replica still writes may get in the way.
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  latencies.sort((a, b) => a - b);
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? Number.NaN;
  return { what, issuances: latencies.length, cpu: spent / latencies.length, p50: at(0.5), p99: at(0.99) };
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

async function startReplica(configuration: string): Promise<Replica> {
  const program = fileURLToPath(new URL("./authority-process.js", import.meta.url));
  const child = fork(program, [configuration], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
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

const redis = await RedisServer.start();
const alone = await signaturesAlone();
const loads = [
  await load("one replica, replay cache in memory", 1, undefined),
  await load("one replica, Redis", 1, redis),
  await load("two replicas, Redis", 2, redis),
];
await redis.stop();
const round = (value: number) => Number(value.toPrecision(3));
console.log(
  `${process.version}; ${AGENTS} agents renew at once, ${ROUNDS} times; the signatures alone: ${round(alone)} µs`,
);
console.table(
  loads.map(({ what, issuances, cpu, p50, p99 }) => ({
    what,
    issuances,
    "CPU µs": round(cpu),
    "per CPU-second": round(1e6 / cpu),
    "of signatures alone": round(alone / cpu),
    "p50 ms": round(p50),
    "p99 ms": round(p99),
  })),
);
const [, one, two] = loads;
console.log(
  `two replicas ÷ one, with Redis: ${round((two?.cpu ?? Number.NaN) / (one?.cpu ?? Number.NaN))} (at most 1.3)`,
);
if (process.argv[2]) writeFileSync(process.argv[2], `${JSON.stringify({ alone, loads }, null, 2)}\n`);
