import { createDelegation, decodeChain, KeyPair } from "@attest/core";
import { beforeEach, describe, expect, it } from "vitest";
import { countSignatures } from "./counted-signatures.ts";
import { CALL, codeOf, createDelegationScene, type Delegated, type DelegationScene } from "./delegation-scene.ts";
import { forge, takeApart } from "./spec-forge.ts";

const NOW = 1_800_000_000;
let now: number;
let scene: DelegationScene;
beforeEach(async () => {
  now = NOW;
  scene = await createDelegationScene(() => now);
});

const cut = (text: string) => `${text.slice(0, -4)}AAAA`;
const thumbprintOf = async ({ key }: Delegated) => (await import("@attest/core")).importVerificationKey(key.toJwk());

describe("a sub-agent", () => {
  it("is what the attested agent is, with its own key (SPEC-21.11)", async () => {
    const root = await scene.root();
    const first = await scene.delegate(root, { name: "researcher", allow: { tools: ["list", "read*"] } });
    const second = await scene.delegate(first, { lifetime: 30 });
    const result = await scene.use(scene.verifier(), second);
    expect(result).toMatchObject({
      outcome: "verified",
      format: "attestation",
      proof: "signature",
      issuer: scene.authority.issuer,
      subject: "spiffe://example.com/model/example-1",
      trustLevel: "provider",
      keyThumbprint: (await thumbprintOf(second)).thumbprint,
      expiresAt: NOW + 30,
      layers: [{ issuer: scene.authority.issuer }],
    });
    expect(result).toHaveProperty("delegation", [
      {
        name: "researcher",
        keyThumbprint: (await thumbprintOf(first)).thumbprint,
        expiresAt: NOW + 295,
        allow: { tools: ["list", "read*"] },
      },
      { keyThumbprint: (await thumbprintOf(second)).thumbprint, expiresAt: NOW + 30 },
    ]);
    expect(Object.isFrozen(result.verified && result.delegation)).toBe(true);
  });

  it.each([1, 2, 3, 4] as const)(
    "may be %d links away, where the server accepts so many and no fewer (D1, SPEC-21.10)",
    async (links) => {
      const last = await scene.chain(links);
      expect(codeOf(await scene.use(scene.verifier({ maxDelegationDepth: links }), last))).toBe("verified");
      const fewer = scene.verifier({ maxDelegationDepth: (links - 1) as 0, policy: "optional" });
      expect(codeOf(await scene.use(fewer, last))).toBe("ERR_DELEGATION_NOT_ALLOWED");
    },
  );

  it("is refused by a server that says nothing of delegation, under every policy (SPEC-21.10)", async () => {
    const last = await scene.chain(1);
    for (const policy of ["required", "optional"] as const) {
      const verifier = scene.verifier({ maxDelegationDepth: 0, policy });
      expect(codeOf(await scene.use(verifier, last))).toBe("ERR_DELEGATION_NOT_ALLOWED");
    }
  });

  it("cannot use its parent's chain, nor the parent the sub-agent's (D2, SPEC-21.6)", async () => {
    const root = await scene.root();
    const last = await scene.delegate(root);
    const verifier = scene.verifier();
    expect(codeOf(await scene.use(verifier, { ...root, key: last.key }))).toBe("ERR_PROOF_SIGNATURE");
    expect(codeOf(await scene.use(verifier, { ...last, key: root.key }))).toBe("ERR_PROOF_SIGNATURE");
  });

  it("cannot make its chain shorter, longer, or mix it with another's (D3, SPEC-21.1, SPEC-21.3)", async () => {
    const last = await scene.chain(3);
    const [root, a, b, c] = last.chain.split("~");
    const [, other] = (await scene.chain(1)).chain.split("~");
    for (const chain of [
      `${root}~${b}~${c}`,
      `${root}~${a}~${c}`,
      `${root}~${b}~${a}~${c}`,
      `${root}~${other}~${b}~${c}`,
    ]) {
      expect(codeOf(await scene.use(scene.verifier(), { chain, key: last.key }))).toBe("ERR_DELEGATION_PARENT");
    }
    expect(codeOf(await scene.use(scene.verifier(), { chain: `${root}~${a}~${b}`, key: last.key }))).toBe(
      "ERR_PROOF_SIGNATURE",
    );
    expect(codeOf(await scene.use(scene.verifier(), { chain: `${a}~${b}~${c}`, key: last.key }))).toBe(
      "ERR_DELEGATION_ROOT",
    );
    for (const chain of [`${last.chain}~`, `~${last.chain}`, `${root}~~${a}`]) {
      expect(codeOf(await scene.use(scene.verifier(), { chain, key: last.key }))).not.toBe("verified");
    }
  });

  it("is refused without a proof, before any signature is verified (SPEC-21.6)", async () => {
    const signatures = countSignatures();
    const { chain } = await scene.chain(2);
    signatures.take();
    expect(codeOf(await scene.verifier().verify(chain, CALL))).toBe("ERR_PROOF_REQUIRED");
    expect(signatures.take()).toBe(0);
  });

  it("may not hang on a bearer attestation, under any policy (D6, SPEC-21.2)", async () => {
    const bearer = await scene.authority.attestBearer();
    const link = (await scene.chain(1)).chain.split("~")[1];
    for (const allowBearer of [true, false]) {
      const verifier = scene.verifier({ allowBearer, policy: "optional" });
      const { header, payload } = takeApart(link as string);
      const parent = (await import("node:crypto")).createHash("sha256").update(bearer).digest("base64url");
      const own = await forge(header, { ...payload, parent }, scene.authority.agentKey);
      const by = { chain: `${bearer}~${own}`, key: scene.authority.agentKey };
      expect(codeOf(await scene.use(verifier, by))).toBe("ERR_DELEGATION_ROOT");
    }
  });

  it("ends with its root: when that expires, is revoked, or its key is removed (SPEC-21.7, T21)", async () => {
    const last = await scene.chain(2);
    let revoked = false;
    const keyResolver = { resolve: (issuer: string, kid: string) => scene.authority.keyResolver.resolve(issuer, kid) };
    const verifier = scene.verifier({ keyResolver, isRevoked: () => revoked });
    expect(codeOf(await scene.use(verifier, last))).toBe("verified");
    revoked = true;
    expect(codeOf(await scene.use(verifier, last))).toBe("ERR_REVOKED");
    revoked = false;
    expect(codeOf(await scene.use(verifier, last))).toBe("verified");
    const { resolve } = keyResolver;
    keyResolver.resolve = () => undefined as never;
    expect(codeOf(await scene.use(verifier, last))).toBe("ERR_KEY_NOT_FOUND");
    keyResolver.resolve = resolve;
    now = NOW + 295 + 30;
    expect(codeOf(await scene.use(verifier, last))).toBe("ERR_ATTESTATION_EXPIRED");
  });

  it("can be revoked alone: the server's own list sees the links, once for each message (SPEC-21.11)", async () => {
    const root = await scene.root();
    const [one, other] = [await scene.delegate(root), await scene.delegate(root)];
    const { thumbprint } = await thumbprintOf(one);
    const asked: unknown[] = [];
    const verifier = scene.verifier({
      isRevoked(claims, { delegation }) {
        asked.push([claims.iss, delegation?.length]);
        return delegation?.some(({ keyThumbprint }) => keyThumbprint === thumbprint) ?? false;
      },
    });
    expect(codeOf(await scene.use(verifier, one))).toBe("ERR_REVOKED");
    expect(codeOf(await scene.use(verifier, other))).toBe("verified");
    expect(codeOf(await scene.use(verifier, root))).toBe("verified");
    expect(asked).toEqual([1, 1, undefined].map((links) => [scene.authority.issuer, links]));
  });

  it("is asked about after the links' signatures, so that nobody can forge the question (SPEC-21.11)", async () => {
    const last = await scene.chain(1);
    const asked: unknown[] = [];
    const verifier = scene.verifier({ isRevoked: (claims) => asked.push(claims) > 0 });
    await scene.use(verifier, { ...last, chain: cut(last.chain) });
    expect(asked).toEqual([]);
  });

  it("uses up its parent's share of the replay store, and each key its own proofs (SPEC-21.12, R7)", async () => {
    const uses: { holder?: string; holderKey?: string; key: string }[] = [];
    const replayCache = { scope: "process", consume: (use: { key: string }) => uses.push(use) > 0 } as const;
    const root = await scene.root();
    const verifier = scene.verifier({ replayCache });
    for (const by of [root, await scene.delegate(root), await scene.chain(2, root)]) await scene.use(verifier, by);
    expect(new Set(uses.map(({ holder }) => holder)).size).toBe(1);
    expect(new Set(uses.map(({ holderKey }) => holderKey))).toEqual(new Set([(await thumbprintOf(root)).thumbprint]));
    expect(new Set(uses.map(({ key }) => key)).size).toBe(3);
  });
});

describe("what is dispatched", () => {
  const allowing = async (allow: object) => scene.delegate(await scene.root(), { allow });
  const outcome = async (by: Delegated, method: string, params: object = {}) =>
    codeOf(await scene.use(scene.verifier(), by, { kind: "message", method, params }));

  it("is what the proof covers in a message, and must be told for HTTP (SPEC-21.8)", async () => {
    const by = await allowing({ tools: ["list"] });
    expect(await outcome(by, "tools/call", { name: "list" })).toBe("verified");
    expect(await outcome(by, "tools/call", { name: "transfer" })).toBe("ERR_DELEGATION_SCOPE");
    const body = new TextEncoder().encode(JSON.stringify({ method: "tools/call", params: { name: "list" } }));
    const post = { kind: "http", method: "POST", body } as const;
    const verifier = scene.verifier();
    const dispatched = { method: "tools/call", params: { name: "list" } };
    expect(codeOf(await scene.use(verifier, by, post))).toBe("ERR_DELEGATION_SCOPE");
    expect(codeOf(await scene.use(verifier, by, post, { dispatched }))).toBe("verified");
    const other = { ...dispatched, params: { name: "transfer" } };
    expect(codeOf(await scene.use(verifier, by, post, { dispatched: other }))).toBe("ERR_DELEGATION_SCOPE");
    expect(codeOf(await scene.use(verifier, by, post, { dispatched: "response" }))).toBe("verified");
    for (const method of ["GET", "DELETE"]) {
      expect(codeOf(await scene.use(verifier, by, { kind: "http", method }))).toBe("verified");
    }
    expect(codeOf(await scene.use(verifier, by, { kind: "http", method: "PUT" }))).toBe("ERR_DELEGATION_SCOPE");
    expect(codeOf(await scene.use(verifier, by, { kind: "response", id: 1, result: {} }))).toBe("verified");
  });

  it("is judged anew with each message of a remembered chain (SPEC-21.8, T21)", async () => {
    const by = await allowing({ tools: ["list"] });
    const verifier = scene.verifier();
    for (const [name, expected] of [
      ["list", "verified"],
      ["transfer", "ERR_DELEGATION_SCOPE"],
      ["list", "verified"],
    ]) {
      const request = { kind: "message", method: "tools/call", params: { name } } as const;
      expect(codeOf(await scene.use(verifier, by, request))).toBe(expected);
    }
  });

  it("must be allowed by every link, not by the last alone (SPEC-21.7)", async () => {
    const first = await allowing({ tools: ["list", "read"] });
    const wider = await scene.delegate(first, { allow: { tools: ["*"] } });
    const silent = await scene.delegate(wider);
    for (const by of [wider, silent]) {
      expect(await outcome(by, "tools/call", { name: "read" })).toBe("verified");
      expect(await outcome(by, "tools/call", { name: "transfer" })).toBe("ERR_DELEGATION_SCOPE");
    }
    const narrower = await scene.delegate(first, { allow: { tools: ["list"] } });
    expect(await outcome(narrower, "tools/call", { name: "read" })).toBe("ERR_DELEGATION_SCOPE");
  });

  it("is everything where no link says otherwise (SPEC-21.7)", async () => {
    const by = await scene.chain(2);
    expect(await outcome(by, "logging/setLevel")).toBe("verified");
    expect(await outcome(by, "tasks/get", { taskId: "1" })).toBe("verified");
  });
});

describe("createDelegation", () => {
  it("says what a verifier would refuse, a key that is there already among it (D4, SPEC-21.13)", async () => {
    const root = await scene.root();
    const stranger = await KeyPair.generate();
    const cases: [object, string][] = [
      [{ signer: stranger }, "signer must be the last key"],
      [{ parent: "nothing" }, "parent must be a bound attestation"],
      [{ parent: `${root.chain}~x` }, "parent has a link that cannot be read"],
      [{ parent: await scene.authority.attestBearer() }, "parent must be a bound attestation"],
      [{ confirmationKey: root.key.toJwk() }, "confirmationKey is in the chain already"],
      [{ audience: [] }, "aud"],
      [{ audience: undefined }, "aud"],
      [{ audience: Array(65).fill("https://a.example") }, "aud"],
      [{ allow: { tool: ["list"] } }, "allow"],
      [{ allow: { tools: [] } }, "allow.tools"],
      [{ allow: { resources: ["https://a*"] } }, "allow.resources"],
      [{ name: "" }, "name"],
      [{ name: "é" }, "name"],
      [{ depth: 4 }, "depth"],
      [{ depth: -1 }, "depth"],
      [{ lifetime: 0 }, "lifetime"],
      [{ lifetimes: 1 }, "lifetimes"],
      [{ clock: () => Number.NaN }, "clock"],
      [{ clock: () => NOW + 295 }, "parent has expired"],
      [{ confirmationKey: { ...stranger.toJwk(), d: "x" } }, "private"],
    ];
    for (const [wrong, message] of cases) await expect(scene.delegate(root, wrong)).rejects.toThrow(message);
  });

  it("gives a link one step fewer than its parent, and stops at none (SPEC-21.5)", async () => {
    const last = await scene.chain(4);
    expect(decodeChain(last.chain).links.map(({ claims }) => claims?.depth)).toEqual([3, 2, 1, 0]);
    await expect(scene.delegate(last)).rejects.toThrow("may not be delegated further");
    const limited = { chain: await scene.authority.attest({ maxDelegationDepth: 1 }), key: scene.authority.agentKey };
    const first = await scene.delegate(limited);
    await expect(scene.delegate(first)).rejects.toThrow("may not be delegated further");
    const none = { chain: await scene.authority.attest({ maxDelegationDepth: 0 }), key: scene.authority.agentKey };
    await expect(scene.delegate(none)).rejects.toThrow("may not be delegated further");
  });

  it("ends with its parent at the latest (D5, SPEC-21.5)", async () => {
    const root = await scene.root();
    const [one] = decodeChain((await scene.delegate(root, { lifetime: 3600 })).chain).links;
    expect(one?.claims).toMatchObject({ iat: NOW, exp: NOW + 295 });
    const [short] = decodeChain((await scene.delegate(root, { lifetime: 10 })).chain).links;
    expect(short?.claims).toMatchObject({ iat: NOW, exp: NOW + 10 });
  });

  it("names the room that is left when a chain would be too long (SPEC-21.2)", async () => {
    const root = await scene.root();
    const resources = Array.from({ length: 64 }, (_, i) => `file:///${"a".repeat(100)}/${i}`);
    await expect(scene.delegate(root, { allow: { resources } })).rejects.toThrow(
      /room for \d+ characters|take \d+ characters/,
    );
  });

  it("signs with P-256 keys as well (SPEC-21.4)", async () => {
    const key = await KeyPair.generate({ algorithm: "ES256" });
    const root = await scene.root();
    const options = { parent: root.chain, signer: root.key, audience: scene.authority.audience, clock: () => now };
    const chain = await createDelegation({ ...options, confirmationKey: key.toJwk() });
    const last = await scene.delegate({ chain, key });
    expect(codeOf(await scene.use(scene.verifier(), last))).toBe("verified");
    const narrow = scene.verifier({ proofAlgorithms: ["Ed25519"] });
    expect(codeOf(await scene.use(narrow, last))).toBe("ERR_DELEGATION_HEADER");
  });

  it("is taken apart by decodeChain, and an attestation alone is a chain without links", async () => {
    const last = await scene.chain(2);
    const { root, links } = decodeChain(last.chain);
    expect(root.format).toBe("attestation");
    expect(links.map(({ claims }) => claims?.name)).toEqual(["sub-agent 1", "sub-agent 2"]);
    expect(decodeChain((await scene.root()).chain).links).toEqual([]);
    expect(() => decodeChain(`${last.chain}~x`)).toThrow("link");
  });
});
