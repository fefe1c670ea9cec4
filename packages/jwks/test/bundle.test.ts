import { importVerificationKey, KeyPair, type PublicJwk, type VerificationKey } from "@attest/core";
import { beforeAll, expect, it } from "vitest";
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
  const issuers = { [ISSUER]: { bundle: server.url, ...source } as KeySource };
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

it("passes over keys for another use, for none and of another type, and says so (SPEC-8.5, SPEC-8.15)", async () => {
  const other = "The JWK has a `use` other than `jwt-svid`";
  const { outcome, events } = await bundleOf({
    keys: [
      svidKey({ ...b, kid: "sig" }, "sig"),
      svidKey({ ...b, kid: "wit" }, "wit-svid"),
      svidKey({ ...b, kid: "case" }, "JWT-SVID"),
      svidKey({ ...b, kid: "none" }, null),
      svidKey(RSA),
      null,
      "key",
      [svidKey(b)],
      svidKey(a),
    ],
  });
  const kids = ["sig", "wit", "case", "none", "rsa"];
  expect(await Promise.all(kids.map(outcome))).toEqual(kids.map(() => UNUSED));
  expect(await outcome("a")).toHaveLength(43);
  const [{ problems = [] } = {}] = events.filter((event) => event.type === "key-set");
  expect(problems.filter(({ kid }) => kid !== undefined)).toEqual([
    { kid: "sig", code: "ERR_KEY_UNSUPPORTED", message: other },
    { kid: "wit", code: "ERR_KEY_UNSUPPORTED", message: other },
    { kid: "case", code: "ERR_KEY_UNSUPPORTED", message: other },
    { kid: "none", code: "ERR_KEY_UNSUPPORTED", message: other },
    { kid: "rsa", code: "ERR_KEY_UNSUPPORTED", message: expect.stringContaining("neither") },
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

it("reads keys of types that core does not, by a function that is passed in for one issuer", async () => {
  const algorithm = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  const pair = await crypto.subtle.generateKey(
    { ...algorithm, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    true,
    ["sign", "verify"],
  );
  const { n, e } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const importKey = async (jwk: PublicJwk): Promise<VerificationKey> => {
    if (jwk.kty !== "RSA") return importVerificationKey(jwk);
    if (jwk.kid === "broken") throw new Error("canary");
    const key = await crypto.subtle.importKey("jwk", { ...jwk }, algorithm, false, ["verify"]);
    const found = {
      algorithm: "RS256",
      thumbprint: "an RSA key",
      verify: (data: Uint8Array, signature: Uint8Array) => crypto.subtle.verify(algorithm, key, signature, data),
    };
    return found as unknown as VerificationKey;
  };
  const keys = [svidKey({ ...RSA, n, e }), svidKey(a), svidKey({ ...RSA, kid: "broken" })];
  const { server, resolver, outcome, events } = await bundleOf({ keys }, {}, { importKey });
  const data = new TextEncoder().encode("data");
  const found = await resolver.resolve(ISSUER, "rsa");
  expect(await found?.verify(data, new Uint8Array(await crypto.subtle.sign(algorithm, pair.privateKey, data)))).toBe(
    true,
  );
  expect([(await outcome("a")).length, await outcome("broken")]).toEqual([43, UNUSED]);
  expect(JSON.stringify(events)).not.toContain("canary");
  const issuers = { [ISSUER]: { bundle: server.url, importKey }, "https://other.example": { bundle: server.url } };
  const two = resolverFor(server, { issuers }).resolver;
  expect(await outcomeOf(() => two.resolve(ISSUER, "rsa"))).toBe("an RSA key");
  expect(await outcomeOf(() => two.resolve("https://other.example", "rsa"))).toBe(UNUSED);
});

it("asks each source for its own media types", async () => {
  const asked: (string | undefined)[] = [];
  const server = await openHostileServer((req, res) => {
    asked.push(req.headers.accept);
    published({ keys: [] })(req, res);
  });
  for (const source of [{ jwksUri: server.url }, { bundle: server.url }]) {
    await resolverFor(server, { issuers: { [ISSUER]: source } }).outcome("a");
  }
  expect(asked).toEqual(["application/jwk-set+json, application/json", "application/json"]);
});

const url = "https://keys.example/";

it.each<[string, unknown]>([
  ["must have either a jwksUri or a bundle", {}],
  ["must have either a jwksUri or a bundle", { jwksUri: url, bundle: url }],
  ["must have a jwksUri or a bundle", null],
  [".bundle must be an https: URL", { bundle: "http://keys.example/" }],
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
