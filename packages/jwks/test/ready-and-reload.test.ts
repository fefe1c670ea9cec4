import { KeyPair, type PublicJwk } from "@attest/core";
import { beforeAll, expect, it, vi } from "vitest";
import { document, ISSUER, jwks, openHostileServer, resolverFor } from "./hostile-server.ts";

const UNAVAILABLE = "ERR_KEY_SOURCE_UNAVAILABLE";
const down = document("", {}, 503);
let [a, b]: PublicJwk[] = [];

beforeAll(async () => {
  [a, b] = await Promise.all(["a", "b"].map(async (kid) => (await KeyPair.generate({ kid })).toJwk()));
});

it("is ready when every issuer's keys are there, and says why it is not", async () => {
  const [up, failing] = await Promise.all([openHostileServer(jwks([a])), openHostileServer(down)]);
  const issuers = { [ISSUER]: { jwksUri: up.url }, "https://other.example": { jwksUri: failing.url } };
  const { resolver, time, outcome } = resolverFor(up, { issuers });
  await expect(resolver.ready()).rejects.toMatchObject({
    code: UNAVAILABLE,
    message: expect.stringContaining("https://other.example"),
    cause: expect.objectContaining({ message: "The JWKS endpoint answered with status 503" }),
  });
  expect(await outcome("a")).toHaveLength(43);
  failing.answer = jwks([b]);
  time.now++;
  await resolver.ready();
  await resolver.ready();
  expect([up.hits, failing.hits]).toEqual([1, 2]);
});

it("is not ready while none of an issuer's keys can be used, and says why; it looks again within a cooldown", async () => {
  const server = await openHostileServer(jwks([]));
  const { resolver, time } = resolverFor(server);
  const message = `The JWKS of ${ISSUER} has no usable key`;
  await expect(resolver.ready()).rejects.toMatchObject({ code: UNAVAILABLE, message });
  server.answer = jwks([{ ...a, use: "enc" }]);
  await expect(resolver.ready()).rejects.toMatchObject({ message });
  time.now += 30;
  const why = `${message}: a: The JWK has a \`use\` other than \`sig\``;
  await expect(resolver.ready()).rejects.toMatchObject({ code: UNAVAILABLE, message: why });
  server.answer = jwks([a]);
  time.now += 30;
  await resolver.ready();
  expect(server.hits).toBe(3);
});

it("reloads when it is asked to, in spite of a fresh set, a cooldown and a back-off", async () => {
  const server = await openHostileServer(jwks([a, b], { "cache-control": "max-age=3600" }));
  const { resolver, outcome } = resolverFor(server);
  await outcome("a");
  server.answer = jwks([b]);
  expect(await outcome("a")).toHaveLength(43);
  await resolver.reload();
  expect(await outcome("a")).toBe("none");
  server.answer = down;
  await expect(resolver.reload(ISSUER)).rejects.toMatchObject({
    code: UNAVAILABLE,
    cause: expect.objectContaining({ message: "The JWKS endpoint answered with status 503" }),
  });
  // What is held serves on.
  expect(await outcome("b")).toHaveLength(43);
  server.answer = jwks([a, b]);
  await resolver.reload();
  expect([(await outcome("a")).length, server.hits]).toEqual([43, 4]);
  await expect(resolver.reload("https://other.example")).rejects.toMatchObject({ code: "ERR_OPTION" });
  await resolver.close();
  await expect(resolver.reload()).rejects.toMatchObject({ code: UNAVAILABLE });
});

it("begins a reload after it was asked for, with one fetch under way and one waiting however many ask (J5)", async () => {
  const answers: ((keys: PublicJwk[]) => void)[] = [];
  const fetch = () =>
    new Promise<Response>((resolve) => {
      answers.push((keys) => resolve(Response.json({ keys })));
    });
  const { resolver, outcome } = resolverFor({ url: "https://keys.example/", ca: "" }, { fetch });
  const first = outcome("b");
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  // The fetch under way may have been answered before "b" was added.
  const reloads = Array.from({ length: 1000 }, () => resolver.reload());
  answers[0]?.([a as PublicJwk]);
  expect(await first).toBe("none");
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  const later = resolver.reload();
  answers[1]?.([a, b] as PublicJwk[]);
  await Promise.all(reloads);
  expect(await outcome("b")).toHaveLength(43);
  await vi.waitFor(() => expect(answers).toHaveLength(3));
  answers[2]?.([b as PublicJwk]);
  await later;
  expect([await outcome("a"), answers.length]).toEqual(["none", 3]);
});
