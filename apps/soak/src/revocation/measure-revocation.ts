import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AttestationIssuer, importVerificationKey, KeyPair } from "@attest/core";
import { revocationBound, StatusListPublisher } from "@attest/status-list";
import { FileStatusStorage } from "@attest/status-list/node";
import { type ListFault, ListServer } from "./list-server.ts";
import type { ReplicaReport, ReplicaSettings, WatchedAgent } from "./replica.ts";

/** How it is measured. Durations are seconds unless the name says `Ms`. */
export interface RevocationRun {
  readonly ttl: number;
  readonly fault: ListFault;
  /** Agents that are revoked, one after the other over one `ttl`, so that every moment of it is met. */
  readonly agents: number;
  readonly replicas: number;
  readonly timeoutMs: number;
  /** The built program of a replica. */
  readonly program: string;
}

/** How long it took from "revoke" until a replica refused, over all agents and replicas. Seconds. */
export interface RevocationReport {
  readonly samples: readonly number[];
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
  /** What the documentation states for these settings. */
  readonly bound: number;
  /** How often each was the reason. */
  readonly codes: Readonly<Record<string, number>>;
}

const ISSUER = "https://authority.example";
const POLL_INTERVAL = 300;

/**
 * Revokes agents by one of two publishers on one storage, while several server processes that read the list of the other
 * serve those agents, and measures until each server refuses. The fault begins before the first revocation and stays.
 */
export async function measureRevocation(run: RevocationRun): Promise<RevocationReport> {
  const folder = await mkdtemp(join(tmpdir(), "attest-revocation-"));
  const signer = await KeyPair.generate({ kid: "authority-1" });
  const server = await ListServer.start();
  const open = () =>
    StatusListPublisher.open({
      ...{
        uri: server.uri,
        issuer: ISSUER,
        signer,
        ttl: run.ttl,
        storage: new FileStatusStorage(join(folder, "status")),
      },
    });
  // What one accepts, the other one publishes.
  const [told, publishing] = [await open(), await open()];
  await server.publish(publishing);
  const settings = { issuer: ISSUER, uri: server.uri, jwk: signer.toJwk(), pollInterval: POLL_INTERVAL };
  const fleet = await Promise.all(
    Array.from({ length: run.replicas }, () => startReplica(run.program, { ...settings, timeoutMs: run.timeoutMs })),
  );
  try {
    const issuer = new AttestationIssuer({ issuer: ISSUER, signer, tokenLifetime: 3600 });
    const agents = await Promise.all(Array.from({ length: run.agents }, (_, i) => attest(issuer, told, `agent-${i}`)));
    const first = await attest(issuer, told, "first");
    await Promise.all(fleet.map((replica) => replica.serve([first, ...agents])));
    // So that all have seen a newer list than the one that a server can be rolled back to.
    await told.revoke({ workload: first.name });
    await Promise.all(fleet.map((replica) => replica.refusal(first.name)));
    server.fault = run.fault;
    const found: { seconds: number; code: string }[] = [];
    const waiting: Promise<void>[] = [];
    for (const { name } of agents) {
      const revokedAt = Date.now();
      const revoking = told.revoke({ workload: name });
      for (const replica of fleet) {
        waiting.push(
          replica.refusal(name).then(({ at, code }) => void found.push({ seconds: (at - revokedAt) / 1000, code })),
        );
      }
      await revoking;
      await new Promise((resolve) => setTimeout(resolve, (run.ttl * 1000) / run.agents));
    }
    await Promise.all(waiting);
    return reportOf(found, told.publishDelay, run);
  } finally {
    for (const { child } of fleet) child.kill("SIGKILL");
    server.stop();
    await rm(folder, { recursive: true });
  }
}

async function attest(issuer: AttestationIssuer, list: StatusListPublisher, name: string): Promise<WatchedAgent> {
  const pair = await KeyPair.generate();
  const confirmationKey = pair.toJwk();
  const { thumbprint } = await importVerificationKey(confirmationKey);
  const status = await list.allocate(thumbprint, { workload: name });
  const identity = { modelFamily: "example", modelVersion: "example-1", provider: "example" };
  return {
    name,
    attestation: await issuer.createToken({ identity, confirmationKey, status }),
    key: await pair.toPrivateJwk(),
  };
}

interface Replica {
  readonly child: ChildProcess;
  /** Resolves once all of them have been served. */
  serve(agents: readonly WatchedAgent[]): Promise<void>;
  refusal(name: string): Promise<{ at: number; code: string }>;
}

async function startReplica(program: string, settings: ReplicaSettings): Promise<Replica> {
  // Without the arguments of this process, which may be a test's.
  const child = fork(program, { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const served = new Set<string>();
  const refused = new Map<string, { at: number; code: string }>();
  const waiting = new Set<() => void>();
  child.on("message", (report: ReplicaReport) => {
    if ("serves" in report) served.add(report.serves);
    else refused.set(report.refuses, report);
    for (const look of waiting) look();
  });
  const until = <T>(value: () => T | undefined) =>
    new Promise<T>((resolve) => {
      const look = () => {
        const found = value();
        if (found === undefined) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  child.send(settings);
  const [started] = await Promise.race([once(child, "message"), once(child, "exit")]);
  if (typeof started === "number" || started === null) throw new Error("A replica did not start");
  return {
    child,
    async serve(agents) {
      for (const agent of agents) child.send(agent);
      await until(() => (agents.every(({ name }) => served.has(name)) ? true : undefined));
    },
    refusal: (name) => until(() => refused.get(name)),
  };
}

function reportOf(
  found: readonly { seconds: number; code: string }[],
  publishDelay: number,
  { ttl, timeoutMs }: RevocationRun,
): RevocationReport {
  const samples = found.map(({ seconds }) => seconds).sort((a, b) => a - b);
  const at = (share: number) => samples[Math.min(samples.length - 1, Math.floor(samples.length * share))] ?? Number.NaN;
  const codes: Record<string, number> = {};
  for (const { code } of found) codes[code] = (codes[code] ?? 0) + 1;
  const bound = revocationBound({ publishDelay, ttl, pollInterval: POLL_INTERVAL, timeoutMs, staleIfError: 0 });
  return { samples, p50: at(0.5), p95: at(0.95), max: samples.at(-1) ?? Number.NaN, bound, codes };
}
