import { AttestationVerifier, createProof, decodeAttestation, InMemoryKeyResolver, KeyPair } from "@attest/core";
import { HttpStatusSource, MemoryStatusStorage, StatusListPublisher, type StatusStorage } from "@attest/status-list";
import { describe, expect, it, onTestFinished } from "vitest";
import { type AuthorityOptions, secretEvidence } from "../src/index.ts";
import { Asking, AUDIENCE, hash, OTHER_SECRET, SECRET } from "./asking.ts";
import { AUTHORITY, START } from "./platform.ts";

const ISSUER = "https://models.example";
const LIST = `${AUTHORITY}/status/1`;

interface ListOptions {
  readonly uri?: string;
  readonly issuer?: string;
  readonly maxLifetime?: number;
  readonly storage?: StatusStorage;
}

const openList = async (options: ListOptions = {}) => {
  const clock = { now: START };
  const signer = await KeyPair.generate({ kid: "authority-1" });
  const list = await StatusListPublisher.open({
    ...{ uri: LIST, issuer: ISSUER, signer, storage: new MemoryStatusStorage(), clock: () => clock.now, ...options },
  });
  return { list, signer };
};

const start = async (options: ListOptions = {}, more: Partial<AuthorityOptions> = {}) => {
  const { list, signer } = await openList(options);
  const asking = await Asking.start({ statusList: list, ...more });
  return { asking, list, signer };
};

const statusIn = (attestation: string) => decodeAttestation(attestation).claims?.status?.statusList;

describe("an authority with a status list", () => {
  it("gives each key an index of its own, and the same one with each renewal (SPEC-18.2)", async () => {
    const { asking } = await start();
    const [first, renewed] = [await asking.ask(), await asking.ask()];
    const other = await asking.ask({}, SECRET, await KeyPair.generate());
    const [one, again, another] = [first, renewed, other].map(({ body }) => statusIn(body.attestation));
    expect(one).toEqual({ idx: expect.any(Number), uri: LIST });
    expect(again).toEqual(one);
    expect(another?.idx).not.toBe(one?.idx);
    expect(asking.records.filter(({ outcome }) => outcome === "issued")).toMatchObject([
      { workload: "desk/aurora", statusIndex: one?.idx },
      { workload: "desk/aurora", statusIndex: one?.idx },
      { workload: "desk/aurora", statusIndex: another?.idx },
    ]);
  });

  it("attests a revoked workload no more, under any key or rule, and every other still (SPEC-18.3)", async () => {
    const { asking } = await start();
    const { attestation } = (await asking.ask()).body;
    expect(await asking.authority.revoke({ workload: "desk/aurora" })).toEqual([statusIn(attestation)?.idx]);
    const refused = await asking.ask({}, SECRET, await KeyPair.generate());
    expect(refused).toMatchObject({ status: 403, body: { error: "revoked" } });
    expect(refused.body.detail).not.toContain("aurora");
    expect(asking.records.at(-1)).toMatchObject({ outcome: "refused", problem: "revoked", workload: "desk/aurora" });
    expect((await asking.ask({ rule: "other", audience: AUDIENCE }, OTHER_SECRET)).status).toBe(201);
    await asking.authority.reinstate({ workload: "desk/aurora" });
    const again = await asking.ask();
    expect(statusIn(again.body.attestation)?.idx).not.toBe(statusIn(attestation)?.idx);
  });

  it("revokes one key and attests the workload's others (SPEC-18.3)", async () => {
    const { asking } = await start();
    await asking.ask();
    const { keyThumbprint = "" } = asking.records.at(-1) ?? {};
    expect(await asking.authority.revoke({ key: keyThumbprint })).toHaveLength(1);
    expect((await asking.ask()).body.error).toBe("revoked");
    expect((await asking.ask({}, SECRET, await KeyPair.generate())).status).toBe(201);
  });

  it("publishes the list at its URI, by which servers refuse what was revoked (SPEC-18.6)", async () => {
    const { asking, list, signer } = await start();
    const { attestation } = (await asking.ask()).body;
    const keyResolver = new InMemoryKeyResolver();
    await keyResolver.addKeyPair(ISSUER, asking.signer);
    const lists = new InMemoryKeyResolver();
    await lists.addKeyPair(ISSUER, signer);
    const statusSource = new HttpStatusSource({
      ...{ lists: { [ISSUER]: LIST }, keyResolver: lists, clock: () => asking.now, allowUncheckedAddresses: true },
      fetch: (url) => asking.authority.fetch(new Request(url)),
    });
    onTestFinished(() => statusSource.close());
    const trusted = {
      issuer: ISSUER,
      trustLevel: "provider",
      trustDomains: ["example.com"],
      statusLists: [LIST],
    } as const;
    const verifier = new AttestationVerifier({
      ...{ trustedIssuers: [trusted], keyResolver, statusSource, audience: AUDIENCE, clock: () => asking.now },
    });
    const use = async () => {
      const request = { kind: "message", method: "tools/list" } as const;
      const common = { attestation, signer: asking.key, audience: AUDIENCE, clock: () => asking.now, request };
      const result = await verifier.verify(attestation, { ...request, proof: await createProof(common) });
      return "code" in result ? result.code : result.outcome;
    };
    expect(await use()).toBe("verified");
    await asking.authority.revoke({ workload: "desk/aurora" });
    await new Promise((resolve) => setTimeout(resolve, list.publishDelay * 1000));
    await statusSource.reload();
    expect(await use()).toBe("ERR_REVOKED");
    expect((await asking.authority.fetch(new Request(LIST, { method: "POST" }))).status).toBe(405);
  });

  it("attests nothing, and is not ready, while it cannot store an index (SPEC-18.2)", async () => {
    const storage = new MemoryStatusStorage();
    const { asking } = await start({ storage });
    await asking.authority.ready();
    const fails = async () => {
      throw new Error("postgres://user:secret@host is down");
    };
    Object.assign(storage, { read: fails, append: fails });
    const refused = await asking.ask();
    expect(refused).toMatchObject({ status: 503, body: { error: "unavailable" } });
    expect(asking.records.at(-1)?.because).toBe("ERR_REVOCATION_UNAVAILABLE: The status storage failed");
    expect(asking.records.some(({ outcome }) => outcome === "issued")).toBe(false);
    await expect(asking.authority.revoke({ workload: "desk/aurora" })).rejects.toMatchObject({
      code: "ERR_REVOCATION_UNAVAILABLE",
    });
  });

  it("takes no index for evidence that was used before (A3)", async () => {
    const once = secretEvidence({ workloads: { aurora: hash(SECRET), other: hash(OTHER_SECRET) } });
    const use = { issuedAt: START, expiresAt: START + 600, clockTolerance: 30 };
    const desk = { kind: "secret", verify: async (presented: never) => ({ ...(await once.verify(presented)), use }) };
    const storage = new MemoryStatusStorage();
    const { asking } = await start({ storage }, { evidence: { desk } });
    expect((await asking.ask()).status).toBe(201);
    const { head } = await storage.read(0);
    expect((await asking.ask({}, SECRET, await KeyPair.generate())).body.error).toBe("evidence_used");
    expect((await storage.read(0)).head).toBe(head);
  });
});

describe("refuses a status list", () => {
  it.each<[string, ListOptions, Partial<AuthorityOptions>, RegExp]>([
    ["of another issuer", { issuer: "https://other.example" }, {}, /must be a list of https:\/\/models\.example/],
    ["at an address of its own endpoints", { uri: `${AUTHORITY}/token` }, {}, /must have a URI with a path of its own/],
    ["at its root", { uri: `${AUTHORITY}/` }, {}, /must have a URI with a path of its own/],
    ["that frees indexes before attestations expire", { maxLifetime: 299 }, {}, /maxLifetime of at least 300/],
    [
      "where two workloads could have one name",
      {},
      {
        evidence: { desk: secretEvidence({ sha256: hash(SECRET) }), "a/b": secretEvidence({ sha256: hash(SECRET) }) },
        rules: [
          {
            name: "one",
            evidence: "desk",
            attest: { identity: { modelFamily: "m", modelVersion: "v", provider: "p" } },
          },
        ],
      },
      /names without a slash/,
    ],
  ])("%s", async (_, options, more, problem) => {
    await expect(start(options, more)).rejects.toThrow(problem);
  });

  it("that is none, and revokes nothing without one", async () => {
    await expect(Asking.start({ statusList: { uri: LIST } as never })).rejects.toThrow("must be a StatusListPublisher");
    const { authority } = await Asking.start();
    await expect(authority.revoke({ workload: "desk/aurora" })).rejects.toMatchObject({ code: "ERR_OPTION" });
    await expect(authority.reinstate({ workload: "desk/aurora" })).rejects.toMatchObject({ code: "ERR_OPTION" });
  });
});
