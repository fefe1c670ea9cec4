// One server process of the soak: a real verifier over the shared cache. Its parent says what to do.
import { setTimeout as sleep } from "node:timers/promises";
import { RedisReplayCache } from "@attest/cache-redis";
import { AttestationVerifier, InMemoryKeyResolver, type Observer, systemClock } from "@attest/core";
import { Cluster, Redis } from "ioredis";
import type { Answer, FromWorker, Presentation, RedisAddress, ToWorker, WorkerSetup } from "./messages.ts";

let shift = 0;
let cache: RedisReplayCache;
let verifier: AttestationVerifier;
let unsent: Answer[] = [];

const send = (message: FromWorker) => process.send?.(message);

process.on("message", (message: ToWorker) => {
  if (message.type === "setup") void setUp(message.setup);
  else if (message.type === "present") for (const one of message.presentations) void present(one);
  else if (message.type === "race") void race(message.round, message.key, message.presenters);
  else shift = message.seconds;
});
// Anyone who started this process is gone.
process.on("disconnect", () => process.exit());

async function setUp(setup: WorkerSetup): Promise<void> {
  const { issuer, audience, authorityKey, redis, clockTolerance, nodeSkew, proofWindow, commandTimeoutMs } = setup;
  const observer: Observer = {
    onEvent(event) {
      if (event.type === "replay-cache") send({ type: "state", at: Date.now(), state: event.state });
    },
  };
  const client = connect(redis);
  client.on("error", () => {});
  const { keyPrefix } = setup;
  cache = new RedisReplayCache({ client, keyPrefix, commandTimeoutMs, observer });
  // On a machine that is busy with starting all of this, one attempt may be too slow.
  while (!(await isReady())) await sleep(100);
  const keyResolver = new InMemoryKeyResolver();
  await keyResolver.addKey(issuer, authorityKey);
  verifier = new AttestationVerifier({
    trustedIssuers: [{ issuer, trustLevel: "provider", trustDomains: ["example.com"] }],
    keyResolver,
    audience,
    replayCache: cache,
    instances: "multiple",
    tickets: { ring: [Buffer.from(setup.ring, "base64url")], lifetime: 60 },
    clock: () => systemClock() + shift,
    clockTolerance,
    nodeSkew,
    proofWindow,
  });
  send({ type: "ready" });
}

async function isReady(): Promise<boolean> {
  try {
    await cache.ready();
    return true;
  } catch {
    return false;
  }
}

function connect(address: RedisAddress): Redis | Cluster {
  const host = "127.0.0.1";
  const retry = () => 50;
  if (address.kind === "single") return new Redis(address.port, host, { retryStrategy: retry });
  if (address.kind === "cluster") {
    const nodes = address.ports.map((port) => ({ host, port }));
    return new Cluster(nodes, { clusterRetryStrategy: retry, slotsRefreshTimeout: 500, slotsRefreshInterval: 1000 });
  }
  const { name, port } = address;
  const sentinel = { sentinels: [{ host, port }], name, sentinelRetryStrategy: retry, failoverDetector: true };
  return new Redis({ ...sentinel, retryStrategy: retry });
}

async function present({ id, attestation, proof, method, params }: Presentation): Promise<void> {
  const result = await verifier.verify(attestation, { kind: "message", method, params, proof });
  const grant = result.verified ? await verifier.grantTicket(result) : undefined;
  const at = Date.now();
  if (unsent.length === 0) {
    setImmediate(() => {
      send({ type: "answers", answers: unsent });
      unsent = [];
    });
  }
  unsent.push({
    id,
    at,
    code: result.verified ? "accepted" : "code" in result ? result.code : result.outcome,
    ...(grant && { grant }),
  });
}

async function race(round: number, key: string, presenters: number): Promise<void> {
  const now = systemClock();
  const use = { key, now, issuedAt: now, expiresAt: now + 60, clockTolerance: 1, nodeSkew: 1 };
  const answers = await Promise.allSettled(Array.from({ length: presenters }, () => cache.consume(use)));
  const count = (wanted: boolean) =>
    answers.filter((answer) => answer.status === "fulfilled" && answer.value === wanted).length;
  send({ type: "raced", round, accepted: count(true), repeated: count(false) });
}
