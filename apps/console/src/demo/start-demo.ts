import { randomBytes } from "node:crypto";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { type AttackResult, httpTarget, referenceAttacks } from "@attest/attacks";
import type { Observer } from "@attest/core";
import { createAdaptorServer } from "@hono/node-server";
import { AUDIENCE, attackOptions, inheritedEnvironment, runAttack, startHttpServer } from "demo-agent";
import type { LogLine, ServerSettingsInput } from "demo-mcp-server";
import { createConsoleApp, type DemoControls } from "../server/console-app.ts";
import { EventLog } from "../server/event-log.ts";
import type { AttackOutcome, DemoProfile, TrustMaterial } from "../shared/feed.ts";
import { type DemoAuthority, KEY_COOLDOWN, startDemoAuthority } from "./authorities.ts";
import { AURORA_AT_ACME, createCast } from "./cast.ts";
import { live } from "./live-agent.ts";
import { makeSample } from "./make-sample.ts";
import { openRedis } from "./open-redis.ts";
import { revocationControls } from "./revocation-controls.ts";
import { openRefusals, startSubAgents } from "./sub-agents.ts";

/** Bank servers, where there is a Redis for them to share. */
const REPLICAS = 3;

/** The whole demo, running. */
export interface RunningDemo {
  /** Of the console. */
  readonly url: URL;
  readonly profile: DemoProfile;
  readonly log: EventLog;
  stop(): Promise<void>;
}

/**
 * Starts everything: two authorities, the bank on as many replicas as can be, four agents that come and go,
 * two sub-agents of one of them, the console.
 *
 * @param options.port Of the console. Default: any that is free.
 */
export async function startDemo(options: { port?: number } = {}): Promise<RunningDemo> {
  const { port = 0 } = options;
  const log = new EventLog();
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) await end();
  };
  try {
    const authorities = await startAuthorities(log);
    const [models, acme] = authorities;
    stops.push(async () => {
      await Promise.all(authorities.map(({ authority }) => authority.close()));
    });
    const redis = await openRedis();
    if (redis) stops.push(redis.stop);
    const replicas = redis ? REPLICAS : 1;
    const refusals = await openRefusals();
    stops.push(refusals.close);
    const settings: ServerSettingsInput = {
      audience: AUDIENCE,
      issuers: authorities.map(({ trust }) => trust),
      replicas,
      ...(redis && { redisUrl: redis.url }),
      dangerouslyAllowLocalKeySources: true,
      keyCooldown: KEY_COOLDOWN,
      // What replicas grant is good at each of them; what moves money must be shown to others one day.
      ticketRing: [randomBytes(32).toString("base64url")],
      signedTools: ["transfer"],
      maxDelegationDepth: 1,
      refusedSubAgents: refusals.file,
    };
    const program = fileURLToPath(import.meta.resolve("demo-mcp-server/main"));
    const bank = await startHttpServer(program, { ...inheritedEnvironment(), ATTEST_SERVER: JSON.stringify(settings) });
    stops.push(bank.stop);
    bank.watch(({ source, event }) => {
      if (isShown(event)) log.add(source, event);
    });

    const subAgents = await startSubAgents({ name: "Aurora", at: models }, bank, refusals.file, (name, event) =>
      log.add(name, event),
    );
    stops.push(subAgents.stop);
    const attested = createCast(models, acme, subAgents.renew);
    const cast = [...attested, ...subAgents.cast];
    const profile: DemoProfile = {
      audience: AUDIENCE,
      agents: cast.map((agent) => agent.profile),
      attacks: referenceAttacks.map(({ id, name, description }) => ({ id, name, description })),
      replicas,
      replayCache: redis ? "Redis" : "memory",
    };

    // One attack at a time: what the server's log says next belongs to it.
    let turn: Promise<unknown> = Promise.resolve();
    const controls: DemoControls = {
      attack: async (id) => {
        const attack = referenceAttacks.find((one) => one.id === id);
        if (!attack) return undefined;
        const run = turn.then(async () => {
          const { name } = attack;
          log.add("console", { type: "attack", id, name, phase: "launched" });
          // With the key that signs now: it stays published for longer than the attack takes, whatever is rotated meanwhile.
          const { attest, signer } = models.authority;
          const target = httpTarget({ ...attackOptions(attest, signer()), url: bank.url });
          const outcome = outcomeOf(await runAttack(attack, target, bank));
          const { outcome: phase, reason, code } = outcome;
          log.add("console", { type: "attack", id, name, phase, ...(reason && { reason }), ...(code && { code }) });
          return outcome;
        });
        turn = run.catch(() => {});
        return run;
      },
      ...revocationControls(cast, log),
      rotate: async () => void (await models.authority.rotate()),
      sample: (kind) => makeSample(kind, models),
      trust: () => trustMaterial(authorities),
    };
    const pages = fileURLToPath(new URL("dist/web", import.meta.resolve("demo-console/package.json")));
    const url = await serveConsole(createConsoleApp({ log, profile, controls, pages }).fetch, port, stops);

    const ending = new AbortController();
    const lives = attested.map((agent) =>
      live(
        agent,
        { url: bank.url, audience: AUDIENCE },
        (event) => log.add(event.type === "agent" ? "agent" : agent.profile.name, event),
        ending.signal,
      ),
    );
    lives.push(...subAgents.cast.map(({ live }) => live((event) => log.add("agent", event), ending.signal)));
    stops.push(async () => {
      ending.abort();
      await Promise.all(lives);
    });
    return { url, profile, log, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAuthorities(log: EventLog): Promise<[models: DemoAuthority, acme: DemoAuthority]> {
  const observer: Observer = { onEvent: (event) => log.add("authority", event) };
  const models = await startDemoAuthority({
    issuer: "https://models.example",
    trustLevel: "provider",
    trustDomain: "example.com",
    identity: { modelFamily: "aurora", modelVersion: "aurora-2", provider: "example" },
    observer,
  });
  const { issuer, jwksUri } = models.trust;
  const acme = await startDemoAuthority({
    issuer: "https://idp.acme.example",
    trustLevel: "enterprise",
    trustDomain: "acme.com",
    identity: {
      modelFamily: "aurora",
      modelVersion: "expense-clerk-4",
      provider: "acme",
      enterprise: { orgId: "acme", workloadId: "expense-clerk", deploymentEnv: "production" },
    },
    observer,
    embeds: { issuer, trustDomain: "example.com", jwksUri, identity: models.identity, subject: AURORA_AT_ACME },
  });
  return [models, acme];
}

/** Whether a page shows it: what comes with every message and says nothing more would push everything else out of the log. */
function isShown(event: LogLine["event"]): boolean {
  if (event.type === "guard") return false;
  if (event.type === "demand") return event.outcome !== "met";
  return event.type !== "status-list" || event.outcome !== "not-modified";
}

/** What a page receives about an attack: not each exchange. */
function outcomeOf(result: AttackResult): AttackOutcome {
  const { outcome, evidence } = result;
  if (outcome !== "blocked") return { outcome, evidence };
  const { defence, reason, code } = result;
  return { outcome, evidence, defence, ...(reason && { reason }), ...(code && { code }) };
}

async function trustMaterial(authorities: readonly DemoAuthority[]): Promise<TrustMaterial> {
  const issuers = await Promise.all(
    authorities.map(async ({ trust: { issuer, trustLevel, trustDomains, jwksUri, nested } }) => {
      const { keys } = await (await fetch(jwksUri)).json();
      return { issuer, trustLevel, trustDomains, keys, ...(nested !== undefined && { nested }) };
    }),
  );
  return { audience: AUDIENCE, issuers };
}

async function serveConsole(
  fetch: (request: Request) => Response | Promise<Response>,
  port: number,
  stops: (() => Promise<void>)[],
): Promise<URL> {
  const server = createAdaptorServer({ fetch }) as Server;
  const address = await new Promise<AddressInfo>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server.address() as AddressInfo));
  });
  stops.push(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    // Pages that watch would keep it open for ever.
    server.closeAllConnections();
    await closed;
  });
  return new URL(`http://127.0.0.1:${address.port}/`);
}
