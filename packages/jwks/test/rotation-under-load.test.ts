import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AttestationIssuer, AttestationVerifier, type VerificationResult } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { expect, it, onTestFinished } from "vitest";
import { type HttpKeyResolverOptions, RotatingKeyStore } from "../src/index.ts";
import { createNodeJwksHandler, FileKeyStorage } from "../src/node.ts";
import { openHostileServer, resolverFor } from "./hostile-server.ts";

const HOUR = 3600;
const REQUEST = { kind: "message", method: "tools/call", params: { name: "transfer" } } as const;

interface Authority {
  readonly stores: readonly RotatingKeyStore[];
  readonly parties: TestAuthority;
  readonly time: { now: number };
  readonly activations: Set<string>;
  /** An attestation by one of the authority's processes, as long-lived as the protocol allows. */
  issue(turn: number): Promise<string>;
  verifier(options?: Partial<HttpKeyResolverOptions>): {
    verify(token: string): Promise<VerificationResult>;
    fetches: () => number;
  };
}

/** An authority of two processes on one directory, one of which publishes the keys, and verifiers that fetch them over HTTPS. */
async function openAuthority(): Promise<Authority> {
  const time = { now: 1_800_000_000 };
  const clock = () => time.now;
  const directory = await mkdtemp(join(tmpdir(), "attest-load-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const parties = await createTestAuthority({ clock });
  const activations = new Set<string>();
  const open = () =>
    RotatingKeyStore.open({
      storage: new FileKeyStorage(directory),
      rotateEvery: HOUR,
      publishAhead: HOUR / 2,
      clock,
      observer: {
        onEvent(event) {
          if (event.type === "key-rotation" && event.action === "activated") activations.add(event.kid);
        },
      },
    });
  const stores = [await open(), await open()];
  onTestFinished(() => {
    for (const store of stores) store.close();
  });
  const { issuer, identity, agentKey } = parties;
  const providers = stores.map((signer) => new AttestationIssuer({ issuer, signer, tokenLifetime: HOUR, clock }));
  const server = await openHostileServer(createNodeJwksHandler(stores[0] as RotatingKeyStore));
  return {
    stores,
    parties,
    time,
    activations,
    issue: (turn) =>
      (providers[turn % providers.length] as AttestationIssuer).createToken({
        identity,
        confirmationKey: agentKey.toJwk(),
      }),
    verifier(options = {}) {
      const issuers = { [issuer]: { jwksUri: server.url } };
      const { resolver: keyResolver, events } = resolverFor(server, { issuers, clock, ...options });
      const verifier = new AttestationVerifier({ ...parties.verifierOptions, keyResolver });
      return {
        verify: async (token) => verifier.verify(token, { proof: await parties.prove(token, REQUEST), ...REQUEST }),
        fetches: () => events.filter(({ type }) => type === "key-fetch").length,
      };
    },
  };
}

it("rotates under load for eight hours without refusing a single honest agent", async () => {
  const { stores, time, activations, issue, verifier } = await openAuthority();
  // The first never looks for a kid it does not know: it lives by what is published ahead alone.
  const verifiers = [verifier({ cooldown: HOUR }), verifier({ cacheTtl: 60 }), verifier({ staleIfError: HOUR })];
  const held: { token: string; issuedAt: number }[] = [];
  const problems: string[] = [];
  let verified = 0;
  const end = time.now + 8 * HOUR;
  for (let turn = 0; time.now < end; turn++) {
    const fresh = await Promise.all([issue(turn), issue(turn + 1)]);
    held.push(...fresh.map((token) => ({ token, issuedAt: time.now })));
    // What is about to expire, to be used for the last time.
    const old = held.filter(({ issuedAt }) => time.now - issuedAt > HOUR - 300);
    const presented = [...fresh, ...old.map(({ token }) => token)];
    const results = verifiers.flatMap(({ verify }) => presented.map((token) => verify(token)));
    for (const result of await Promise.all(results)) {
      if (result.verified) verified++;
      else problems.push(`${time.now}: ${"code" in result ? result.code : result.outcome}`);
    }
    if (turn % 25 === 24) await stores[turn % 2]?.rotate();
    time.now += 240;
    await Promise.all(stores.map((store) => store.refresh()));
    held.splice(
      0,
      held.findIndex(({ issuedAt }) => time.now - issuedAt <= HOUR - 10),
    );
  }
  expect(problems).toEqual([]);
  expect(verified).toBeGreaterThan(750);
  expect(activations.size).toBeGreaterThanOrEqual(8);
  // Refreshes by time alone: at most one for every minute of the shortest time that a set is kept.
  for (const { fetches } of verifiers) expect(fetches()).toBeLessThanOrEqual(8 * 60);
});

it("replaces a compromised key at once: what it signed is refused within the time answers are kept, others never", async () => {
  const { stores, time, issue, verifier } = await openAuthority();
  const { verify } = verifier();
  const forged = await issue(0);
  expect(await verify(forged)).toMatchObject({ outcome: "verified" });
  await stores[1]?.remove(stores[1].current().kid);
  await stores[0]?.refresh();
  expect(await verify(await issue(0))).toMatchObject({ outcome: "verified" });
  time.now += 300;
  expect(await verify(forged)).toMatchObject({ outcome: "refused", code: "ERR_KEY_NOT_FOUND" });
  expect(await verify(await issue(1))).toMatchObject({ outcome: "verified" });
});
