import type { RequestListener } from "node:http";
import { type KeyFetchCause, KeyPair } from "@attest/core";
import { expect, it, vi } from "vitest";
import {
  document,
  type HostileServer,
  ISSUER,
  jwks,
  openHostileServer,
  resolverFor,
  webResolver,
  wordsOf,
} from "./hostile-server.ts";

const UNAVAILABLE = "ERR_KEY_SOURCE_UNAVAILABLE";
const key = await KeyPair.generate({ kid: "a" });
const good = jwks([key.toJwk()]);

/** Why each fetch fails, as a label. */
const CAUSES: readonly [string, KeyFetchCause, (server: HostileServer) => ReturnType<typeof resolverFor>][] = [
  ["a private address", "address", (server) => resolverFor(server, { allowPrivateNetwork: false })],
  [
    "a certificate for another name",
    "tls",
    (server) => resolverFor({ ...server, url: server.url.replace("keys.", "other.") }),
  ],
  ["another status", "status", (server) => answering(server, document("", {}, 404))],
  ["a body beyond the limit", "size", (server) => answering(server, document(" ".repeat(300_000)))],
  ["no key set", "content", (server) => answering(server, document("<html>"))],
  ["a fetch of somebody else's that throws", "other", () => webResolver(() => Promise.reject(new Error("canary")))],
];

function answering(server: HostileServer, answer: RequestListener): ReturnType<typeof resolverFor> {
  server.answer = answer;
  return resolverFor(server);
}

it.each(CAUSES)("tells by its cause that a fetch failed for %s: %s (O2)", async (_what, cause, resolverOf) => {
  const { outcome, events } = resolverOf(await openHostileServer(good));
  expect(await outcome("a")).toBe(UNAVAILABLE);
  expect(events).toEqual([
    {
      type: "key-fetch",
      outcome: "failed",
      issuer: ISSUER,
      code: cause === "content" ? expect.stringMatching(/^ERR_KEY_(FORMAT|SOURCE_UNAVAILABLE)$/) : UNAVAILABLE,
      cause,
      duration: expect.any(Number),
    },
  ]);
});

it("tells by its cause that a fetch ended because the resolver was closed, and names none for one that succeeded", async () => {
  const server = await openHostileServer(good);
  const { resolver, outcome, events, time } = resolverFor(server);
  await outcome("a");
  server.answer = () => {};
  time.now += 3600;
  const pending = outcome("a");
  await vi.waitFor(() => expect(server.hits).toBe(2));
  await resolver.close();
  await pending;
  const fetches = events.filter((event) => event.type === "key-fetch");
  expect(fetches).toEqual([
    expect.not.objectContaining({ cause: expect.anything() }),
    expect.objectContaining({ cause: "closed" }),
  ]);
});

it("says which option lets it fetch from a private address", async () => {
  const server = await openHostileServer(good);
  const inside = resolverFor(server, { allowPrivateNetwork: false });
  expect(await wordsOf(() => inside.resolver.resolve(ISSUER, "a"))).toContain("allowPrivateNetwork");
});
