import { createTestAuthority } from "@attest/core/testing";
import { afterEach, expect, it, vi } from "vitest";
import { httpTarget, runAttacks, stdioTarget, verifierTarget } from "../src/index.ts";
import { Pace } from "../src/targets/pace.ts";
import { liveOptions } from "./servers/settings.ts";

afterEach(() => vi.useRealTimers());

const authority = await createTestAuthority();
const live = { ...liveOptions(authority), url: "http://127.0.0.1:9/mcp" };

it.each<[string, object]>([
  ["url", { ...live, url: "ftp://127.0.0.1/" }],
  ["audience", { ...live, audience: "server" }],
  ["rate", { ...live, rate: Number.NaN }],
  ["rate", { ...live, rate: Number.POSITIVE_INFINITY }],
  ["rate", { ...live, rate: 0 }],
  ["timeoutMs", { ...live, timeoutMs: 1.5 }],
  ["era", { ...live, era: "modern" }],
  ["tool", { ...live, tool: { name: "" } }],
  ["fields", { ...live, fields: { Authorization: "Bearer x" } }],
  ["accessToken", { ...live, accessToken: "two words" }],
  ["credentials", { ...live, credentials: {} }],
  ["credentials.password", { ...live, credentials: { ...live.credentials, password: "x" } }],
  ["speed", { ...live, speed: 1 }],
])("refuses a senseless %s of a live target, naming it", (name, options) => {
  expect(() => httpTarget(options as typeof live)).toThrow(new RegExp(`^${name.replace(".", "\\.")} `));
});

it("refuses a verifier that is none, and a server without a command, naming the option", () => {
  const { audience } = authority;
  const { credentials } = live;
  expect(() => verifierTarget({ verifier: {} as never, audience, credentials })).toThrow(/^verifier /);
  expect(() => verifierTarget({ verifier: authority.verifier, audience, credentials, x: 1 } as never)).toThrow(/^x /);
  expect(() => stdioTarget({ ...liveOptions(authority), command: "" })).toThrow(/^command /);
});

it.each<[string, object]>([
  ["attacks", { attacks: [] }],
  ["maxDuration", { maxDuration: Number.NaN }],
  ["limit", { limit: 1 }],
])("refuses a senseless %s of a run, naming it", async (name, options) => {
  await expect(runAttacks(httpTarget(live), options)).rejects.toThrow(new RegExp(`^${name} `));
});

it("calls nothing blocked by a server that is not there", async () => {
  const { blocked, breached, inconclusive, results } = await runAttacks(httpTarget(live));
  expect({ blocked, breached }).toEqual({ blocked: 0, breached: 0 });
  expect(inconclusive).toBe(results.length);
});

it("begins no more exchanges in a second than it is told", async () => {
  vi.useFakeTimers();
  const pace = new Pace(5);
  let begun = 0;
  const turns = Array.from({ length: 20 }, () => pace.turn().then(() => begun++));
  await vi.advanceTimersByTimeAsync(0);
  expect(begun).toBe(1);
  await vi.advanceTimersByTimeAsync(1000);
  expect(begun).toBe(6);
  await vi.advanceTimersByTimeAsync(2800);
  await Promise.all(turns);
});
