import type { RequestListener } from "node:http";
import { type AttackReport, attacks, httpTarget, runAttacks } from "@attest/attacks";
import { decodeAttestation, InMemoryReplayCache } from "@attest/core";
import { createNodeGateway } from "@attest/gateway/node";
import { AttestationGuard } from "@attest/mcp-server";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createScene, listen, type Scene } from "./scene.ts";
import { PLAIN_SERVERS } from "./servers.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await createScene();
});

/** Attacks a gateway before a server that knows nothing of attestation. */
async function attack(server: keyof typeof PLAIN_SERVERS): Promise<AttackReport> {
  const { verifierOptions, attestationIssuer, identity, authorityKey, audience, clock } = scene.authority;
  const revoked = new Set<string>();
  const guard = () =>
    new AttestationGuard({
      ...verifierOptions,
      allowBearer: true,
      replayCache: new InMemoryReplayCache(),
      isRevoked: ({ jti = "" }) => revoked.has(jti),
    });
  const upstream = await PLAIN_SERVERS[server]();
  let handle: RequestListener = () => {};
  const start = async () => {
    const next = guard();
    const report = { claims: { "/attestation_metadata/safety_level": ["standard", "enhanced"] } };
    const gateway = createNodeGateway({ guard: next, upstream: { url: upstream }, demands: { tools: { report } } });
    onTestFinished(() => gateway.close());
    handle = gateway.handle;
    await next.verifier.ready();
  };
  await start();
  const target = httpTarget({
    url: await listen((req, res) => handle(req, res)),
    audience,
    tool: { name: "report" },
    credentials: {
      attest: ({ confirmationKey }) => attestationIssuer.createToken({ identity, confirmationKey }),
      attestBearer: () => attestationIssuer.createToken({ identity, bearer: true, audience }),
      authority: authorityKey,
      clock,
      revoke: (attestation) => void revoked.add(decodeAttestation(attestation).claims?.jti ?? ""),
    },
    lab: { echo: { name: "echo", argument: "n" }, slow: { name: "slow" }, restart: start },
    rate: 1000,
  });
  return runAttacks(target);
}

describe("the attack suite, against a gateway before an unmodified server", () => {
  it.each(["v1 stateful", "v2 stateless"] as const)(
    "breaches nothing of a %s server (M1, M2, M3, M4, M5, M7, M9, T21, T23)",
    async (server) => {
      const { results, notRun } = await attack(server);
      expect(results.length + notRun.length).toBe(attacks.length);
      const problems = results
        .filter(({ result }) => result.outcome !== "blocked")
        .map(({ attack, result }) => `${attack.id}: ${result.outcome}, ${result.evidence}`);
      expect(problems).toEqual([]);
      expect(results.length).toBeGreaterThan(60);
    },
    180_000,
  );
});
