import { importVerificationKey, KeyPair, type PublicJwk, type VerificationKey } from "@attest/core";
import { spiffeJwtSvid } from "@attest/core/formats/spiffe-jwt-svid";
import { beforeAll, expect, it } from "vitest";
import { foreignKey } from "../../core/test/foreign-authority.ts";
import { HttpKeyResolver, type HttpKeyResolverOptions, type KeySource } from "../src/index.ts";
import { document, ISSUER, openHostileServer, outcomeOf, resolverFor } from "./hostile-server.ts";

const UNAVAILABLE = "ERR_KEY_SOURCE_UNAVAILABLE";
const UNUSED = "ERR_KEY_NOT_FOUND";
let [a, b]: PublicJwk[] = [];
let leaked: Record<string, unknown>;

/** A key as a bundle publishes it: `use` says for which kind of SVID. */
const svidKey = (jwk: object | undefined, use: string | null = "jwt-svid") => {
  const { use: _, alg: __, ...bare } = jwk as PublicJwk;
  return { ...bare, ...(use !== null && { use }) };
};

const { importKey } = spiffeJwtSvid;
const RSA = { kty: "RSA", kid: "rsa", n: "AQAB", e: "AQAB" };

beforeAll(async () => {
  const [one, other, disclosed] = await Promise.all(
    ["a", "b", "leaked"].map((kid) => KeyPair.generate({ kid, algorithm: "ES256" })),
  );
  [a, b] = [one?.toJwk(), other?.toJwk()] as PublicJwk[];
  leaked = { ...(await disclosed?.toPrivateJwk()) };
});

const published = (bundle: object, headers: Record<string, string> = {}) => document(JSON.stringify(bundle), headers);

/** A resolver of a bundle, at a real server. */
async function bundleOf(
  bundle: object,
  options: Partial<HttpKeyResolverOptions> = {},
  source: Partial<KeySource> = {},
) {
  const server = await openHostileServer(published(bundle));
  const issuers = { [ISSUER]: { bundle: server.url, importKey, ...source } as KeySource };
  return { server, ...resolverFor(server, { issuers, ...options }) };
}

it("finds the keys for JWT-SVIDs, and passes over those for X.509-SVIDs without a word", async () => {
  const x509 = { kty: "RSA", use: "x509-svid", x5c: ["MIIB"], n: "AQAB", e: "AQAB" };
  const named = svidKey({ ...b, kid: "a" }, "x509-svid");
  const keys = [x509, svidKey(b, "x509-svid"), named, svidKey(a)];
  const { resolver, outcome, events } = await bundleOf({ spiffe_sequence: 1, spiffe_refresh_hint: 300, keys });
  expect(await resolver.resolve(ISSUER, "a")).toMatchObject({ kid: "a", algorithm: "ES256" });
  expect(await outcome("b")).toBe("none");
  expect(events.filter(({ type }) => type === "key-set")).toEqual([
    { type: "key-set", issuer: ISSUER, keys: 1, stale: false },
  ]);
});

it("passes over keys for another use, for none and of another type, and says so (SPEC-8.5, SPEC-8.15, SPEC-17.6)", async () => {
  const other = "The JWK has a `use` other than `jwt-svid` or `wit-svid`";
  const { outcome, events } = await bundleOf({
    keys: [
      svidKey({ ...b, kid: "sig" }, "sig"),
      svidKey({ ...b, kid: "x509" }, "x509"),
      svidKey({ ...b, kid: "case" }, "JWT-SVID"),
      svidKey({ ...b, kid: "none" }, null),
      svidKey(RSA),
      null,
      "key",
      [svidKey(b)],
      svidKey(a),
    ],
  });
  const kids = ["sig", "x509", "case", "none", "rsa"];
  expect(await Promise.all(kids.map(outcome))).toEqual(kids.map(() => UNUSED));
  expect(await outcome("a")).toHaveLength(43);
  const [{ problems = [] } = {}] = events.filter((event) => event.type === "key-set");
  expect(problems.filter(({ kid }) => kid !== undefined)).toEqual([
    { kid: "rsa", code: "ERR_KEY_WEAK", message: expect.stringContaining("2048 bits") },
    { kid: "sig", code: "ERR_KEY_UNSUPPORTED", message: other },
    { kid: "x509", code: "ERR_KEY_UNSUPPORTED", message: other },
    { kid: "case", code: "ERR_KEY_UNSUPPORTED", message: other },
    { kid: "none", code: "ERR_KEY_UNSUPPORTED", message: other },
  ]);
  expect(problems).toHaveLength(8);
});

it("refuses a kid that several keys for JWT-SVIDs have, and says of what (K4)", async () => {
  const { resolver } = await bundleOf({ keys: [svidKey(a), svidKey({ ...b, kid: "a" })] });
  await expect(async () => resolver.resolve(ISSUER, "a")).rejects.toMatchObject({
    code: "ERR_KEY_DUPLICATE",
    message: "The issuer's bundle has several keys with this kid",
  });
});

it.each(["jwt-svid", "x509-svid", "sig", null])(
  "reports private material under the use %s, and does not use its public half (K3, SPEC-8.15)",
  async (use) => {
    const { d, ...half } = leaked;
    const keys = [svidKey({ ...leaked, kid: "private" }, use), svidKey(half), svidKey(a)];
    const { outcome, events } = await bundleOf({ keys });
    expect([await outcome("private"), await outcome("leaked"), (await outcome("a")).length]).toEqual([
      UNUSED,
      UNUSED,
      43,
    ]);
    expect(events).toContainEqual(expect.objectContaining({ type: "key-fetch", code: "ERR_KEY_PRIVATE" }));
    expect(JSON.stringify(events)).not.toContain(d);
  },
);

it.each([
  [{ spiffe_refresh_hint: 120 }, {}, 120],
  [{ spiffe_refresh_hint: 2_419_200 }, {}, 3600],
  [{ spiffe_refresh_hint: 5 }, {}, 60],
  [{ spiffe_refresh_hint: 0 }, {}, 60],
  [{}, {}, 300],
  [{ spiffe_refresh_hint: 600 }, { "cache-control": "max-age=90" }, 90],
])("uses a bundle that says %j, with fields %j, for %d seconds", async (hint, headers, seconds) => {
  const { server, outcome, time } = await bundleOf({});
  server.answer = published({ ...hint, keys: [svidKey(a)] }, headers);
  await outcome("a");
  server.answer = document("", {}, 503);
  time.now += seconds - 1;
  expect(await outcome("a")).toHaveLength(43);
  time.now += 1;
  expect(await outcome("a")).toBe(UNAVAILABLE);
});

it("does not go back to a bundle with a lower sequence number, which may hold a key that was withdrawn (J10)", async () => {
  const { server, resolver, outcome, time, events } = await bundleOf({ spiffe_sequence: 2, keys: [svidKey(a)] });
  await outcome("a");
  server.answer = published({ spiffe_sequence: 1, keys: [svidKey(a), svidKey(b)] });
  time.now += 300;
  expect([await outcome("b"), await outcome("a")]).toEqual([UNAVAILABLE, UNAVAILABLE]);
  expect(events).toContainEqual(
    expect.objectContaining({ type: "key-fetch", outcome: "failed", code: UNAVAILABLE, cause: "content" }),
  );
  await expect(resolver.reload()).rejects.toMatchObject({
    cause: expect.objectContaining({ message: expect.stringContaining("The bundle endpoint sent an older document") }),
  });
  server.answer = published({ spiffe_sequence: 2, keys: [svidKey(b)] });
  await resolver.reload();
  expect([await outcome("a"), (await outcome("b")).length]).toEqual(["none", 43]);
});

it.each([
  ["a text as its sequence number", { spiffe_sequence: "2", keys: [] }],
  ["half a sequence number", { spiffe_sequence: 1.5, keys: [] }],
  ["a text as its refresh hint", { spiffe_refresh_hint: "300", keys: [] }],
  ["no keys", { spiffe_sequence: 1 }],
  ["keys that are no list", { keys: {} }],
  ["a list", []],
])("refuses a bundle with %s whole", async (_what, bundle) => {
  const { outcome, events } = await bundleOf(bundle);
  expect(await outcome("a")).toBe(UNAVAILABLE);
  expect(events).toContainEqual(
    expect.objectContaining({ outcome: "failed", code: "ERR_KEY_FORMAT", cause: "content" }),
  );
});

it("refuses a bundle with too many keys of all uses whole (K5, SPEC-8.12)", async () => {
  const bundle = { keys: [svidKey(b, "x509-svid"), svidKey(b, "x509-svid"), svidKey(a)] };
  expect(await (await bundleOf(bundle, { maxKeys: 3 })).outcome("a")).toHaveLength(43);
  expect(await (await bundleOf(bundle, { maxKeys: 2 })).outcome("a")).toBe(UNAVAILABLE);
});

it("takes an empty bundle for one that withdrew every key, and is not ready with it", async () => {
  const { server, resolver, outcome, time } = await bundleOf({ spiffe_sequence: 1, keys: [svidKey(a)] });
  await resolver.ready();
  server.answer = published({ spiffe_sequence: 2, keys: [] });
  time.now += 300;
  expect(await outcome("a")).toBe("none");
  await expect(resolver.ready()).rejects.toMatchObject({
    code: UNAVAILABLE,
    message: `The bundle of ${ISSUER} has no usable key`,
  });
});

it("hands keys to their format with the use that they have, and those for WIT-SVIDs too (SPEC-17.6, F4)", async () => {
  const keys = [svidKey(a), svidKey(b, "wit-svid"), { ...svidKey({ ...a, kid: "both" }), alg: "ES256" }];
  const { resolver } = await bundleOf({ keys });
  expect(await resolver.resolve(ISSUER, "a")).toMatchObject({ use: "jwt-svid" });
  expect(await resolver.resolve(ISSUER, "b")).toMatchObject({ use: "wit-svid" });
  expect(await resolver.resolve(ISSUER, "both")).toMatchObject({ algorithm: "ES256" });
});

it("reads RSA keys and those on P-384, and by a function that is passed in for one issuer what that reads", async () => {
  const [rsa, p384] = await Promise.all([foreignKey("RS256", "rsa"), foreignKey("ES384", "p384")]);
  const keys = [rsa.toJwk(), p384.toJwk(), svidKey(a), svidKey({ ...RSA, kid: "broken" })];
  const only = (jwk: PublicJwk): Promise<VerificationKey> => {
    if (jwk.kid === "broken") throw new Error("canary");
    const { use: _, ...bare } = jwk;
    return importVerificationKey(bare);
  };
  const { server, resolver, outcome, events } = await bundleOf({ keys });
  const data = new TextEncoder().encode("data");
  for (const key of [rsa, p384]) {
    const found = await resolver.resolve(ISSUER, key.kid);
    expect(await found?.verify(data, await key.sign(data))).toBe(true);
  }
  expect([(await outcome("a")).length, await outcome("broken")]).toEqual([43, UNUSED]);
  const issuers = { [ISSUER]: { bundle: server.url, importKey: only } };
  const other = resolverFor(server, { issuers });
  expect(await outcomeOf(() => other.resolver.resolve(ISSUER, "rsa"))).toBe(UNUSED);
  expect(await outcomeOf(() => other.resolver.resolve(ISSUER, "a"))).toHaveLength(43);
  expect(JSON.stringify([events, other.events])).not.toContain("canary");
});

it("asks each source for its own media types", async () => {
  const asked: (string | undefined)[] = [];
  const server = await openHostileServer((req, res) => {
    asked.push(req.headers.accept);
    published({ keys: [] })(req, res);
  });
  for (const source of [{ jwksUri: server.url }, { bundle: server.url, importKey }]) {
    await resolverFor(server, { issuers: { [ISSUER]: source } }).outcome("a");
  }
  expect(asked).toEqual(["application/jwk-set+json, application/json", "application/json"]);
});

const url = "https://keys.example/";

it.each<[string, unknown]>([
  ["must have either a jwksUri or a bundle", {}],
  ["must have either a jwksUri or a bundle", { jwksUri: url, bundle: url }],
  ["must have a jwksUri or a bundle", null],
  [".bundle must be an https: URL", { bundle: "http://keys.example/", importKey }],
  [".bundle needs a format whose tokens its keys sign: formats: [spiffeJwtSvid]", { bundle: url }],
  [".jwksUri must be an absolute URL", { jwksUri: null }],
  [".importKey must be a function", { bundle: url, importKey: "import" }],
  [".jwksUrl is not an option", { jwksUri: url, jwksUrl: url }],
])("refuses a source that %s, by its issuer", (problem, source) => {
  const issuers = { [ISSUER]: source as KeySource };
  const message = `issuers[${JSON.stringify(ISSUER)}]${problem.startsWith(".") ? "" : " "}${problem}`;
  expect(() => new HttpKeyResolver({ issuers })).toThrow(message);
});

it("has types that refuse a source that would be ignored", () => {
  // @ts-expect-error Only one of them would be fetched.
  const both: KeySource = { jwksUri: url, bundle: url };
  // @ts-expect-error Nothing would be fetched.
  const neither: KeySource = {};
  for (const source of [both, neither]) {
    expect(() => new HttpKeyResolver({ issuers: { [ISSUER]: source } })).toThrow(/either a jwksUri or a bundle/);
  }
});
