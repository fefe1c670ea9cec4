import {
  AttestationVerifier,
  InMemoryKeyResolver,
  KeyPair,
  type KeyResolver,
  type TrustedIssuer,
  type VerifierOptions,
} from "@attest/core";
import { spiffeJwtSvid } from "@attest/core/formats/spiffe-jwt-svid";
import { createTestAuthority } from "@attest/core/testing";
import { describe, expect, it } from "vitest";
import { foreignKey, svid } from "../../core/test/foreign-authority.ts";
import {
  HttpKeyResolver,
  type RemotelyTrustedIssuer,
  type RemoteVerifierOptions,
  withRemoteKeys,
} from "../src/index.ts";

const A = "https://a.example";
const B = "https://b.example";
const audience = "https://server.example/mcp";
const trusting = (issuer: string, domain: string) =>
  ({ issuer, trustLevel: "provider", trustDomains: [domain] }) as const satisfies TrustedIssuer;
const trusted = trusting(A, "example.com");
const jwksUri = "https://keys.example/jwks.json";
const bundle = "https://keys.example/bundle.json";
/** A `fetch` that finds documents by their URL. */
const fetching = (documents: Record<string, unknown>) => ({
  fetch: async (url: string) => (url in documents ? Response.json(documents[url]) : new Response("", { status: 404 })),
  allowUncheckedAddresses: true,
});

it("gives a verifier the keys at the URLs of its trusted issuers, of a set and of a bundle", async () => {
  const agent = await createTestAuthority();
  const { issuer, authorityKey, verifierOptions } = agent;
  const { use: _, ...key } = authorityKey.toJwk();
  const svidKey = await foreignKey("RS256", "svid");
  const http = fetching({ [jwksUri]: { keys: [key] }, [bundle]: { keys: [svidKey.toJwk()] } });
  const {
    keyResolver: _other,
    trustedIssuers: [first],
    ...others
  } = verifierOptions;
  const options = withRemoteKeys(
    {
      ...others,
      trustedIssuers: [
        { ...first, jwksUri },
        { ...trusting(B, "b.example"), bundle, formats: [spiffeJwtSvid] },
      ],
    },
    http,
  );
  const verifier = new AttestationVerifier(options);
  await verifier.ready();
  const attestation = await agent.attest();
  const request = { kind: "message", method: "tools/list" } as const;
  const proof = await agent.prove(attestation, request);
  expect(await verifier.verify(attestation, { ...request, proof })).toMatchObject({ outcome: "verified", issuer });
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: "spiffe://b.example/broker", aud: [options.audience], iat: now, exp: now + 300 };
  expect(await verifier.verify(await svid(svidKey, claims))).toMatchObject({ format: "spiffe-jwt-svid", issuer: B });
  expect(options.keyResolver).toBeInstanceOf(HttpKeyResolver);
  expect(JSON.stringify(options.trustedIssuers)).not.toMatch(/jwksUri|bundle/);
  await options.keyResolver.close();
});

it("asks another resolver for issuers without a URL, and reloads and closes", async () => {
  const [own, known] = await Promise.all(["own", "known"].map((kid) => KeyPair.generate({ kid })));
  const keyResolver = new InMemoryKeyResolver();
  await keyResolver.addKeyPair(B, known as KeyPair);
  let closed = false;
  const closing = Object.assign(keyResolver, {
    async close() {
      closed = true;
    },
  });
  const documents: Record<string, unknown> = { [jwksUri]: { keys: [] } };
  const options = withRemoteKeys(
    { audience, keyResolver: closing, trustedIssuers: [{ ...trusted, jwksUri }, trusting(B, "b.example")] },
    fetching(documents),
  );
  new AttestationVerifier(options);
  expect(options.keyResolver.issuers).toEqual([B, A]);
  expect(await options.keyResolver.resolve(B, "known")).toMatchObject({ kid: "known" });
  expect(await options.keyResolver.resolve(A, "own")).toBeUndefined();
  documents[jwksUri] = { keys: [own?.toJwk()] };
  await options.keyResolver.reload();
  expect(await options.keyResolver.resolve(A, "own")).toMatchObject({ kid: "own" });
  await expect(options.keyResolver.ready()).resolves.toBeUndefined();
  await options.keyResolver.close();
  expect(closed).toBe(true);
  await expect(async () => options.keyResolver.resolve(A, "own")).rejects.toMatchObject({
    code: "ERR_KEY_SOURCE_UNAVAILABLE",
  });
});

it("uses the clock and the observer of the verifier, and the limits that are given for fetching", async () => {
  let now = 1_800_000_000;
  let hits = 0;
  const events: string[] = [];
  const { keyResolver } = withRemoteKeys(
    {
      audience,
      clock: () => now,
      observer: { onEvent: ({ type }) => events.push(type) },
      trustedIssuers: [{ ...trusted, jwksUri }],
    },
    {
      fetch: async () => Response.json({ keys: [{}], hits: hits++ }),
      allowUncheckedAddresses: true,
      cooldown: 5,
    },
  );
  for (let second = 0; second < 10; second++, now++) await keyResolver.resolve(A, "a");
  expect(hits).toBe(2);
  expect(events).toEqual(["key-set", "key-fetch", "key-fetch"]);
});

it("keeps every other option, what a class of options inherits too", async () => {
  class Options {
    readonly audience = audience;
    readonly trustedIssuers = [{ ...trusted, jwksUri }] as const;
    readonly revoked = new Set(["subject"]);
    isRevoked({ sub }: { sub: string }) {
      return this.revoked.has(sub);
    }
  }
  const { isRevoked, audience: kept } = withRemoteKeys(new Options());
  expect(kept).toBe(audience);
  expect((isRevoked as unknown as Options["isRevoked"])({ sub: "subject" })).toBe(true);
});

it.each<[string, unknown, unknown?]>([
  ["trustedIssuers must be a list", { trustedIssuers: {} }],
  ["trustedIssuers must have a jwksUri or a bundle in at least one issuer", { trustedIssuers: [] }],
  [`trustedIssuers["${A}"] must have a jwksUri or a bundle`, { trustedIssuers: [trusted] }],
  [
    `trustedIssuers["${B}"] must have a jwksUri`,
    { trustedIssuers: [{ ...trusted, jwksUri }, trusting(B, "b.example")] },
  ],
  [
    `trustedIssuers["${A}"] must have either a jwksUri or a bundle`,
    { trustedIssuers: [{ ...trusted, jwksUri, bundle }] },
  ],
  [
    `trustedIssuers["${A}"] must have either keys, jwksUri or bundle`,
    { trustedIssuers: [{ ...trusted, jwksUri, keys: [] }] },
  ],
  [
    `trustedIssuers["${A}"].jwksUri must be an https: URL`,
    { trustedIssuers: [{ ...trusted, jwksUri: "http://keys.example/" }] },
  ],
  [
    `trustedIssuers["${A}"].bundle must be an absolute URL`,
    { trustedIssuers: [{ ...trusted, bundle: 5, formats: [spiffeJwtSvid] }] },
  ],
  [`trustedIssuers["${A}"].bundle needs a format`, { trustedIssuers: [{ ...trusted, bundle }] }],
  [
    `trustedIssuers["${A}"].bundle needs a format`,
    { trustedIssuers: [{ ...trusted, bundle, formats: ["attestation", "bearer"] }] },
  ],
  [
    `trustedIssuers["${A}"].importKey must be a function`,
    { trustedIssuers: [{ ...trusted, bundle, importKey: true }] },
  ],
  [
    `trustedIssuers["${A}"].importKey needs a jwksUri or a bundle`,
    { keyResolver: new InMemoryKeyResolver(), trustedIssuers: [{ ...trusted, importKey: () => {} }] },
  ],
  ["trustedIssuers must have a jwksUri", { keyResolver: new InMemoryKeyResolver(), trustedIssuers: [trusted] }],
  ["cacheTtl must be", { trustedIssuers: [{ ...trusted, jwksUri }] }, { cacheTtl: 1 }],
  ["clock is not an option", { trustedIssuers: [{ ...trusted, jwksUri }] }, { clock: () => 0 }],
  ["issuers is not an option", { trustedIssuers: [{ ...trusted, jwksUri }] }, { issuers: {} }],
])("refuses a configuration: %s", (problem, options, http) => {
  const configure = () => withRemoteKeys({ audience, ...(options as object) } as RemoteVerifierOptions, http as object);
  expect(configure).toThrow(problem);
});

it("refuses a URL for an issuer that the other resolver knows: two sources for one issuer are ambiguous (SPEC-8.6)", async () => {
  const keyResolver = new InMemoryKeyResolver();
  await keyResolver.addKeyPair(A, await KeyPair.generate());
  const configure = () => withRemoteKeys({ audience, keyResolver, trustedIssuers: [{ ...trusted, jwksUri }] });
  expect(configure).toThrow(`trustedIssuers["${A}"] must not have a URL`);
});

describe("the types", () => {
  const keyResolver: KeyResolver = new InMemoryKeyResolver();

  it("refuse a URL that would be ignored", () => {
    // @ts-expect-error A verifier fetches nothing itself.
    const direct: VerifierOptions = { audience, keyResolver, trustedIssuers: [{ ...trusted, jwksUri }] };
    expect(() => new AttestationVerifier(direct)).toThrow(/jwksUri is not an option/);
    // @ts-expect-error Only one of them would be fetched.
    const both: RemotelyTrustedIssuer = { ...trusted, jwksUri, bundle };
    const twice: RemotelyTrustedIssuer = { ...trusted, jwksUri, keys: [] };
    for (const issuer of [both, twice]) {
      expect(() => withRemoteKeys({ audience, trustedIssuers: [issuer] })).toThrow(/must have either/);
    }
    // @ts-expect-error As literal options, too.
    expect(() => withRemoteKeys({ audience, trustedIssuers: [{ ...trusted, jwksUri, bundle }] })).toThrow(/either/);
    // @ts-expect-error There must be an issuer.
    expect(() => withRemoteKeys({ audience, trustedIssuers: [] })).toThrow(/at least one/);
  });

  it("give options that a verifier takes as they are, without a URL", () => {
    const options = withRemoteKeys({ audience, trustedIssuers: [{ ...trusted, jwksUri }] }, fetching({}));
    const verifierOptions: VerifierOptions = options;
    const [issuer]: readonly TrustedIssuer[] = options.trustedIssuers;
    // @ts-expect-error It is gone.
    expect(issuer?.jwksUri).toBeUndefined();
    expect(new AttestationVerifier(verifierOptions).configuration.audiences).toEqual([audience]);
  });
});
