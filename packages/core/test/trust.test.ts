import net from "node:net";
import {
  type AttestationEvent,
  AttestationVerifier,
  combineKeyResolvers,
  InMemoryKeyResolver,
  KeyPair,
  PROOF_KINDS,
  type TrustedIssuer,
} from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
import { VECTOR_FILES } from "./vectors/vector.ts";
import { requestOf, verifierOf } from "./vectors/verifier-of.ts";

const NOW = 1_800_000_000;
const request = { kind: "message", method: "tools/call" } as const;
const setUp = () => createTestAuthority({ clock: () => NOW });
afterEach(() => vi.restoreAllMocks());

describe("whom to trust", () => {
  it.each(["https://*", "https://*.example", ".*", "^https://authority\\.example$", "https://authority?example"])(
    "is a name and no pattern: %s is not the authority (T15)",
    async (issuer) => {
      const authority = await setUp();
      const trustedIssuers: [TrustedIssuer] = [{ issuer, trustLevel: "provider", trustDomains: ["example.com"] }];
      const keyResolver = {
        resolve: () => authority.keyResolver.resolve(authority.issuer, authority.authorityKey.kid),
      };
      const verifier = new AttestationVerifier({ ...authority.verifierOptions, trustedIssuers, keyResolver });
      const attestation = await authority.attest();
      const proof = await authority.prove(attestation, request);
      expect(await verifier.verify(attestation, { proof, ...request })).toMatchObject({ code: "ERR_ISSUER_UNTRUSTED" });
    },
  );

  it.each<[string, object]>([
    [
      "trustedIssuers",
      { trustedIssuers: [{ issuer: /authority/, trustLevel: "provider", trustDomains: ["example.com"] }] },
    ],
    [
      "trustedIssuers",
      { trustedIssuers: [{ issuer: "https://a.example", trustLevel: "provider", trustDomains: [/example/] }] },
    ],
    [
      "trustedIssuers",
      { trustedIssuers: [{ issuer: "https://a.example", trustLevel: "provider", trustDomains: ["*.example"] }] },
    ],
    ["audience", { audience: /server/ }],
    ["audience", { audience: [/server/] }],
    ["requiredClaims", { requiredClaims: [/agent/] }],
  ])("takes no regular expression: %s (T15)", async (option, wrong) => {
    const authority = await setUp();
    expect(() => new AttestationVerifier({ ...authority.verifierOptions, ...wrong })).toThrow(option);
  });
});

describe("keys", () => {
  it("are found by no name that two of them have (K4)", async () => {
    const [one, other] = await Promise.all([KeyPair.generate({ kid: "k" }), KeyPair.generate({ kid: "k" })]);
    const resolver = new InMemoryKeyResolver();
    await resolver.addKeyPair("issuer", one);
    await expect(resolver.addKeyPair("issuer", other)).rejects.toMatchObject({ code: "ERR_KEY_DUPLICATE" });
    expect(resolver.toJwks("issuer").keys).toEqual([one.toJwk()]);
    await resolver.addKeyPair("another issuer", other);
  });

  it("are refused from two resolvers that both list their issuer (K4)", async () => {
    const authority = await setUp();
    const second = new InMemoryKeyResolver();
    await second.addKeyPair(authority.issuer, await KeyPair.generate());
    const keyResolver = combineKeyResolvers(authority.keyResolver, second);
    const verifier = new AttestationVerifier({ ...authority.verifierOptions, keyResolver });
    const attestation = await authority.attest();
    const proof = await authority.prove(attestation, request);
    expect(await verifier.verify(attestation, { proof, ...request })).toMatchObject({
      code: "ERR_KEY_DUPLICATE",
      reason: "attestation_unavailable",
    });
  });
});

describe("a verifier is ready", () => {
  /** Ready at once, which a cache of its own is a second after it was made. */
  const replayCache = { scope: "process", consume: () => true } as const;
  const ready = async (change: (authority: Awaited<ReturnType<typeof setUp>>) => object) => {
    const authority = await setUp();
    const verifier = new AttestationVerifier({ ...authority.verifierOptions, replayCache, ...change(authority) });
    return verifier.ready();
  };
  const noKey = { code: "ERR_KEY_SOURCE_UNAVAILABLE", message: expect.stringContaining("https://authority.example") };

  it("once every trusted issuer has a key, and not before, as far as that is known (T3)", async () => {
    await expect(ready(() => ({}))).resolves.toBeUndefined();
    await expect(ready(() => ({ keyResolver: new InMemoryKeyResolver() }))).rejects.toMatchObject(noKey);
    await expect(
      ready(({ issuer, authorityKey, keyResolver }) => {
        keyResolver.removeKey(issuer, authorityKey.kid);
        return {};
      }),
    ).rejects.toMatchObject(noKey);
    await expect(ready(() => ({ keyResolver: { resolve: () => undefined } }))).resolves.toBeUndefined();
  });

  it("once one of combined resolvers has its key (T3)", async () => {
    const empty = new InMemoryKeyResolver();
    const unknowing = { resolve: () => undefined };
    await expect(ready(({ keyResolver }) => ({ keyResolver: combineKeyResolvers(empty, keyResolver) }))).resolves.toBe(
      undefined,
    );
    await expect(ready(() => ({ keyResolver: combineKeyResolvers(empty, unknowing) }))).resolves.toBeUndefined();
    await expect(
      ready(({ issuer, authorityKey, keyResolver }) => {
        keyResolver.removeKey(issuer, authorityKey.kid);
        return { keyResolver: combineKeyResolvers(empty, keyResolver) };
      }),
    ).rejects.toMatchObject(noKey);
  });

  it("or rejects with what its sources reject with (J8)", async () => {
    const down = new Error("down");
    const source = { resolve: () => undefined, ready: () => Promise.reject(down) };
    await expect(ready(() => ({ keyResolver: source }))).rejects.toBe(down);
  });
});

it("opens no connection, whatever a token points to (T5)", async () => {
  const dial = vi.spyOn(globalThis, "fetch").mockRejectedValue(new Error("fetched"));
  const connect = vi.spyOn(net.Socket.prototype, "connect").mockImplementation(() => {
    throw new Error("connected");
  });
  const pointing = VECTOR_FILES.flatMap(({ vectors, verifiers }) =>
    vectors.filter(({ requirements }) => requirements.includes("T5")).map((vector) => ({ vector, verifiers })),
  );
  expect(pointing.length).toBeGreaterThan(3);
  for (const { vector, verifiers } of pointing) {
    const configuration = verifiers[vector.verifier];
    const [presentation] = vector.presentations;
    if (!configuration || !presentation) throw new Error("A vector without a verifier");
    const verifier = await verifierOf(configuration, () => presentation.time ?? Number.NaN);
    expect(await verifier.verify(presentation.attestation, requestOf(presentation))).toMatchObject({
      outcome: "refused",
    });
  }
  expect(dial).not.toHaveBeenCalled();
  expect(connect).not.toHaveBeenCalled();
});

describe("what an observer is told", () => {
  /** Every text anywhere in a value. */
  const texts = (value: unknown): string[] =>
    typeof value === "string"
      ? [value]
      : typeof value === "object" && value !== null
        ? Object.values(value).flatMap(texts)
        : [];

  it("has nothing of a peer's own choosing before it is verified (O2)", async () => {
    const events: AttestationEvent[] = [];
    const presentations = VECTOR_FILES.flatMap(({ vectors, verifiers }) =>
      vectors.flatMap((vector) =>
        vector.presentations.map((presentation) => ({ presentation, configuration: verifiers[vector.verifier] })),
      ),
    );
    const closed = new Set<string>();
    for (const { presentation, configuration } of presentations) {
      if (!configuration) throw new Error("A vector without a verifier");
      for (const { issuer } of configuration.trustedIssuers) closed.add(issuer);
      const verifier = await verifierOf(configuration, () => presentation.time ?? Number.NaN, {
        onEvent: (event) => events.push(event),
      });
      await verifier.verify(presentation.attestation, requestOf(presentation));
    }
    expect(events).toHaveLength(presentations.length);
    const words = [
      "verification",
      "verified",
      "refused",
      "absent",
      "unassessed",
      "required",
      "preferred",
      "optional",
      "none",
      "provider",
      "enterprise",
      "attestation",
      "spiffe-jwt-svid",
      "wimse-wit",
      "bound",
      ...PROOF_KINDS,
      "bearer",
    ];
    // Facts are the peer's words by their meaning, and never labels.
    for (const {
      subject,
      keyThumbprint,
      delegation,
      toolDigest,
      facts: _,
      ...labels
    } of events as (AttestationEvent & {
      subject?: string;
      toolDigest?: string;
      keyThumbprint?: string;
      delegation?: object;
      facts?: object;
    })[]) {
      if (!("outcome" in labels) || labels.outcome !== "verified")
        expect([subject, keyThumbprint, delegation, toolDigest]).toEqual([undefined, undefined, undefined, undefined]);
      const open = texts(labels).filter(
        (text) => !closed.has(text) && !words.includes(text) && !/^(ERR_[A-Z_]+|attestation_[a-z_]+)$/.test(text),
      );
      expect(open).toEqual([]);
    }
  });

  it("has no token, proof, access token or session id in it, nor has any refusal (O1)", async () => {
    const authority = await setUp();
    const events: AttestationEvent[] = [];
    const observer = { onEvent: (event: AttestationEvent) => events.push(event) };
    const verifier = new AttestationVerifier({ ...authority.verifierOptions, observer });
    const attestation = await authority.attest();
    const secrets = { accessToken: "canary-access-token", sessionId: "canary-session-id" };
    const proof = await authority.prove(attestation, request, secrets);
    const results = [
      await verifier.verify(attestation, { proof, ...request, ...secrets }),
      await verifier.verify(attestation, { proof, ...request, ...secrets }),
      await verifier.verify(attestation, { proof, ...request, ...secrets, sessionId: "canary-other" }),
      await verifier.verify(`${attestation}canary`, { proof: `${proof}canary`, ...request, ...secrets }),
    ];
    expect(results.map(({ outcome }) => outcome)).toEqual(["verified", "refused", "refused", "refused"]);
    const shown = JSON.stringify([events, results.filter(({ outcome }) => outcome === "refused")]);
    const signatures = [attestation, proof].map((token) => token.split(".")[2] as string);
    for (const secret of ["canary", attestation, proof, ...signatures]) expect(shown).not.toContain(secret);
  });
});
