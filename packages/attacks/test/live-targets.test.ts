import { InMemoryReplayCache, type TrustedIssuer, type VerifierOptions } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestationGuard, attestNodeHandler } from "@attest/mcp-server";
import { expect, it } from "vitest";
import { type AttackReport, attacks, httpTarget, runAttacks, stdioTarget } from "../src/index.ts";
import { type Defences, restarting, startHttpServer, startStatelessServer } from "./servers/http-server.ts";
import {
  credentialsOf,
  enterprise,
  liveOptions,
  revocations,
  statuses,
  stdioServer,
  trustDomain,
} from "./servers/settings.ts";

/** What is not as it should be: everything but a block by the defence that is meant for it. */
function problems(report: AttackReport): string[] {
  expect(report.results.length + report.notRun.length).toBe(attacks.length);
  return report.results
    .filter(({ result }) => result.outcome !== "blocked" || !result.intended)
    .map(({ attack, result }) => `${attack.id}: ${result.outcome}, ${result.evidence}`);
}

// The tests run at the same time: much of each is waiting for answers that a server does not owe.

const notRun = (report: AttackReport) => report.notRun.map(({ attack, why }) => `${attack.id} ${why}`);

/** A guard as a process has it, with a replay store of its own. */
function guardOf(
  { verifierOptions }: TestAuthority,
  isRevoked: VerifierOptions["isRevoked"],
  others: readonly TrustedIssuer[] = [],
): AttestationGuard {
  const replayCache = new InMemoryReplayCache();
  const own = verifierOptions.trustedIssuers.map((issuer) => ({ ...issuer, ...statuses.trusted }));
  const trustedIssuers = [...own, ...others] as unknown as VerifierOptions["trustedIssuers"];
  const { statusSource } = statuses;
  const common = { trustedIssuers, allowBearer: true, maxDelegationDepth: 4, replayCache, statusSource } as const;
  const options = { ...verifierOptions, ...common };
  return new AttestationGuard({ ...options, ...(isRevoked && { isRevoked }) });
}

it.concurrent("breaches nothing of a server of the first SDK over HTTP, and leaves no attack out (M1, M2, M3, M4, M5, M7, M9, M12, M13, M14, M15, R17, T21, S1, F1, F2, F3, F4, F5)", async () => {
  const authority = await createTestAuthority();
  const { revoke, isRevoked } = revocations();
  const spire = await trustDomain();
  const corp = await enterprise();
  const guard = () => guardOf(authority, isRevoked, [spire.trusted, corp.trusted]);
  const first = guard();
  const server = await startHttpServer(first);
  await first.verifier.ready();
  try {
    const { credentials, ...options } = liveOptions(authority, { revoke, restart: restarting(server, guard) });
    const means = { ...credentials, ...spire.credentials, ...corp.credentials, ...statuses.credentials };
    const report = await runAttacks(httpTarget({ ...options, credentials: means, url: server.url }));
    expect(problems(report)).toEqual([]);
    // Whose ring secret one knows is attacked in process. On a connection over HTTP, each agent has a session of its own. Time passes for all tests of a process at once, so the
    // list's server is attacked where there is one test at a time.
    expect(notRun(report).filter((line) => !/needs (?:shared|list-server|ring)/.test(line))).toEqual([]);
  } finally {
    await server.close();
  }
});

it.concurrent("breaches nothing of a server of the second SDK over HTTP, which it finds to be stateless (M2, M3, M4, M5, M12, M13, M14, M15, R17, T21)", async () => {
  const authority = await createTestAuthority();
  const { revoke, isRevoked } = revocations();
  const guard = () => guardOf(authority, isRevoked);
  const first = guard();
  const server = await startStatelessServer(first);
  await first.verifier.ready();
  try {
    const report = await runAttacks(
      httpTarget({ ...liveOptions(authority, { revoke, restart: restarting(server, guard) }), url: server.url }),
    );
    expect(problems(report)).toEqual([]);
    expect(
      notRun(report).filter(
        (line) => !/sessions|connection|shared|task|trust-domain|nested|status-list|ring/.test(line),
      ),
    ).toEqual([]);
  } finally {
    await server.close();
  }
});

it.concurrent.each(["v1", "v2"] as const)(
  "breaches nothing of a server of SDK %s over stdio (M2, M3, M4, M5, M12, M13, M15)",
  async (sdk) => {
    const authority = await createTestAuthority();
    // Each try needs a process of the first SDK of its own: chains are tried over stdio with the second.
    const { attestBearer: _, ...credentials } = { ...credentialsOf(authority), delegation: sdk === "v2" };
    const report = await runAttacks(
      stdioTarget({ ...liveOptions(authority), ...stdioServer(authority, sdk), credentials }),
    );
    expect(problems(report)).toEqual([]);
    const pointless = /http|sessions|connection|bearer|trust-domain|nested|status-list|ring|revocation|restart|task/;
    const left = notRun(report).filter((line) => !pointless.test(line));
    // A server of the first SDK has one agent on a wire.
    const alone = ["foreign-cancellation needs shared", "reused-request-id needs shared"];
    const withoutChains = left.filter((line) => !line.endsWith("needs delegation"));
    expect(sdk === "v2" ? left : withoutChains).toEqual(sdk === "v2" ? [] : alone);
  },
);

it.concurrent("breaches no session where the gate is mounted for POST alone, since the server within is guarded (M1, M11)", async () => {
  const authority = await createTestAuthority();
  const postAlone: Defences["gate"] = (handler, guard) => {
    const gate = attestNodeHandler(handler, guard);
    return async (req, res) =>
      void (await (req.method === "POST" ? gate(req, res) : handler(req, res, undefined, () => {})));
  };
  const server = await startHttpServer(new AttestationGuard(authority.verifierOptions), { gate: postAlone });
  try {
    const chosen = attacks.filter(({ id }) => ["session-teardown", "session-eavesdropping", "body-added"].includes(id));
    const { results } = await runAttacks(httpTarget({ ...liveOptions(authority), url: server.url }), {
      attacks: chosen,
    });
    expect(results.map(({ attack, result }) => [attack.id, result.outcome])).toEqual(
      chosen.map(({ id }) => [id, "blocked"]),
    );
  } finally {
    await server.close();
  }
});

it.concurrent("breaches a server without a guard, by everything that is done without credentials", async () => {
  const authority = await createTestAuthority();
  const pass: Defences["gate"] = (handler) => async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    await handler(req, res, text === "" ? undefined : JSON.parse(text), () => {});
  };
  const server = await startHttpServer(new AttestationGuard(authority.verifierOptions), {
    gate: pass,
    attach: (server) => server,
  });
  try {
    const { tool: _, ...options } = liveOptions(authority);
    const report = await runAttacks(httpTarget({ ...options, url: server.url }));
    const breached = report.results.filter(({ result }) => result.outcome === "breached");
    expect(breached.map(({ attack }) => attack.id)).toEqual(
      expect.arrayContaining(["downgrade", "side-doors", "session-without-credentials", "forged-response", "batch"]),
    );
  } finally {
    await server.close();
  }
});

it.concurrent("needs no more than an attestation and its key, and then leaves out what needs more", async () => {
  const authority = await createTestAuthority();
  const server = await startHttpServer(new AttestationGuard(authority.verifierOptions));
  try {
    const credentials = { attestation: await authority.attest(), signer: authority.agentKey };
    const { tool: _, ...options } = liveOptions(authority);
    const report = await runAttacks(httpTarget({ ...options, credentials, url: server.url }));
    expect(problems(report)).toEqual([]);
    expect(report.blocked).toBeGreaterThan(25);
    expect(
      notRun(report).filter(
        (line) =>
          !/authority|issuer-key|issuance|tool|bearer|trust-domain|status-list|ring|delegation|revocation|shared|restart/.test(
            line,
          ),
      ),
    ).toEqual([]);
  } finally {
    await server.close();
  }
});
