import { expect, it, vi } from "vitest";
import { UNAVAILABLE } from "./names.ts";
import { documentOf, down, notModified, ok, scriptedSource } from "./scripted-source.ts";

it("answers from what it holds, at once and without a fetch", async () => {
  const source = scriptedSource(ok(["a"]));
  const { find, time } = documentOf(source);
  expect(await find("a")).toBe("a");
  time.now += 60;
  expect(find("a")).toBe("a");
  expect(source.hits).toBe(1);
});

it("makes one fetch of 1,000 concurrent cold starts, whether it succeeds or fails (J5)", async () => {
  const source = scriptedSource(down);
  const { outcome, time } = documentOf(source);
  const all = async () =>
    new Set(await Promise.all(Array.from({ length: 1000 }, (_, i) => outcome(i % 2 ? "a" : "b"))));
  expect([await all(), source.hits]).toEqual([new Set([UNAVAILABLE]), 1]);
  time.now += 1;
  source.answer = ok(["a"]);
  expect([await all(), source.hits]).toEqual([new Set(["found", "none"]), 2]);
});

it("makes one fetch per cooldown of a flood of look-ups, and still sees what is new within one (J6, J9)", async () => {
  const source = scriptedSource(ok(["a"]));
  const { outcome, time } = documentOf(source, { cooldown: 20 });
  await outcome("a");
  source.answer = ok(["a", "b"]);
  for (let second = 0; second < 20; second++, time.now++) {
    const flood = await Promise.all(Array.from({ length: 100 }, (_, i) => outcome(`flood-${second}-${i}`)));
    expect(new Set(flood)).toEqual(new Set(["none"]));
    expect([await outcome("b"), source.hits]).toEqual(["none", 1]);
  }
  expect([await outcome("b"), source.hits]).toEqual(["found", 2]);
});

it("does not call absent what it may have failed to fetch (J8)", async () => {
  const source = scriptedSource(ok(["a"]));
  const { document, outcome, time } = documentOf(source);
  expect(await outcome("b")).toBe("none");
  source.answer = down;
  time.now += 30;
  expect([await outcome("b"), await outcome("a"), await outcome("b")]).toEqual([UNAVAILABLE, "found", UNAVAILABLE]);
  await expect(async () => document.find(() => undefined)).rejects.toMatchObject({
    code: UNAVAILABLE,
    message: "The list cannot be fetched",
    cause: expect.objectContaining({ code: UNAVAILABLE, message: "The list's source answered with status 503" }),
  });
});

it("backs off from a source that fails, longer each time up to the cooldown, and spreads its attempts (J7)", async () => {
  const attemptsWith = async (random: number): Promise<number[]> => {
    const source = scriptedSource(down);
    const { outcome, time } = documentOf(source, { cooldown: 30, random: () => random });
    const attempts: number[] = [];
    for (const begun = time.now; time.now < begun + 120; time.now++) {
      const before = source.hits;
      expect(await outcome("a")).toBe(UNAVAILABLE);
      if (source.hits > before) attempts.push(time.now - begun);
    }
    return attempts;
  };
  expect(await attemptsWith(1 - Number.EPSILON)).toEqual([0, 1, 3, 7, 15, 31, 61, 91]);
  expect(await attemptsWith(0)).toEqual([0, 1, 2, 4, 8, 16, 31, 46, 61, 76, 91, 106]);
});

it.each([
  [0, 70],
  [0.5, 80],
  [1 - Number.EPSILON, 90],
])("refreshes ahead of expiry, without anybody waiting, spread by chance (%d: after %d %%)", async (random, second) => {
  const source = scriptedSource(ok(["a"]));
  const { find, time, results } = documentOf(source, { cacheTtl: 100, random: () => random });
  await find("a");
  for (let fetches = 1; fetches <= 3; fetches++) {
    time.now += second - 1;
    expect(find("a")).toBe("a");
    expect(source.hits).toBe(fetches);
    time.now += 1;
    expect(find("a")).toBe("a");
    await vi.waitFor(() => expect(results).toHaveLength(fetches + 1));
  }
});

it.each([
  ["max-age=600", 600],
  ['public, MAX-AGE = "600" , immutable', 600],
  ["max-age=999999", 3600],
  ["max-age=5", 60],
  ["max-age=600, no-cache", 60],
  ["no-store", 60],
  ["max-age=soon", 60],
  ["max-age=-1", 60],
  ["private", 3600],
  ["", 3600],
])("is fresh with Cache-Control %j for %d seconds", async (value, seconds) => {
  const source = scriptedSource(ok(["a"], { "cache-control": value }));
  const { outcome, time } = documentOf(source);
  await outcome("a");
  source.answer = down;
  time.now += seconds - 1;
  expect(await outcome("a")).toBe("found");
  time.now += 1;
  expect(await outcome("a")).toBe(UNAVAILABLE);
});

it("subtracts the time that an answer spent in caches", async () => {
  const source = scriptedSource(ok(["a"], { "cache-control": "max-age=600", age: "500" }));
  const { outcome, time } = documentOf(source);
  await outcome("a");
  source.answer = down;
  time.now += 99;
  expect(await outcome("a")).toBe("found");
  time.now += 1;
  expect(await outcome("a")).toBe(UNAVAILABLE);
});

it("revalidates by entity tag, and keeps the value it holds on 304", async () => {
  const source = scriptedSource(ok({ names: ["a"], ttl: 100 }, { etag: '"one"' }));
  const { document, outcome, time, results } = documentOf(source);
  const held = await document.find((value) => value);
  source.answer = notModified;
  time.now += 100;
  expect(await document.find((value) => value)).toBe(held);
  expect(results.at(-1)).toMatchObject({ outcome: "not-modified", value: held });
  // The document's own lifetime holds for it further on.
  source.answer = ok(["b"], { etag: `"${"long".repeat(100)}"` });
  time.now += 100;
  expect([await outcome("a"), await outcome("b")]).toEqual(["none", "found"]);
  time.now += 3600;
  await outcome("b");
  expect(source.revalidations).toEqual([undefined, '"one"', '"one"', undefined]);
});

it("takes no 304 for a confirmation that it did not ask for", async () => {
  const source = scriptedSource(ok(["a"]));
  const { outcome, time, results } = documentOf(source, { cacheTtl: 60 });
  await outcome("a");
  source.answer = notModified;
  time.now += 60;
  expect(await outcome("a")).toBe(UNAVAILABLE);
  expect(results.at(-1)).toMatchObject({ outcome: "failed", cause: "status" });
});

it("does not call anything absent by a document that ran out while it was fetched (J8)", async () => {
  const source = scriptedSource(ok(["a"]));
  const { outcome, time, served } = documentOf(source, { cacheTtl: 60, staleIfError: 100 });
  source.answer = () => {
    time.now += 61;
    return ok(["a"])();
  };
  expect([await outcome("b"), served]).toMatchObject([UNAVAILABLE, [{ phase: "stale" }]]);
});

it("serves nothing and asks nobody once its client is closed", async () => {
  const source = scriptedSource(ok(["a"]));
  const { client, outcome } = documentOf(source);
  expect(await outcome("a")).toBe("found");
  await client.close();
  expect([await outcome("a"), await outcome("b"), source.hits]).toEqual([UNAVAILABLE, UNAVAILABLE, 1]);
});

it("serves nothing past its time while its source fails, unless asked to (J10)", async () => {
  const source = scriptedSource(ok(["a"]));
  const { outcome, time } = documentOf(source, { cacheTtl: 60 });
  await outcome("a");
  source.answer = down;
  time.now += 60;
  expect(await outcome("a")).toBe(UNAVAILABLE);
});

it("serves past its time for a while if asked to, says so, and never calls anything absent meanwhile (J10)", async () => {
  const source = scriptedSource(ok(["a"]));
  const { find, outcome, time, served } = documentOf(source, { cacheTtl: 60, staleIfError: 100 });
  await find("a");
  source.answer = down;
  time.now += 60;
  expect(await outcome("a")).toBe("found");
  expect(served.at(-1)).toMatchObject({ phase: "stale" });
  time.now += 99;
  expect(find("a")).toBe("a");
  expect(await outcome("b")).toBe(UNAVAILABLE);
  time.now += 1;
  expect(await outcome("a")).toBe(UNAVAILABLE);
});

it("asks a source that recovered before it serves anything past its time (J10)", async () => {
  const source = scriptedSource(ok(["a"]));
  const { outcome, time } = documentOf(source, { cacheTtl: 60, staleIfError: 100 });
  await outcome("a");
  source.answer = ok(["b"]);
  time.now += 60;
  expect(await outcome("a")).toBe("none");
});

it("lets no answer that comes late overwrite a newer one, and reports it as one that changes nothing (J11)", async () => {
  const answers: ((response: Response) => void)[] = [];
  const source = scriptedSource(() => new Promise<Response>((resolve) => answers.push(resolve)));
  const { outcome, time, results } = documentOf(source, {}, { timeoutMs: 5000 });
  const first = outcome("a");
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  // Its deadline is long past and it is still under way: the process was suspended.
  time.now += 30;
  const second = outcome("b");
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[1]?.(await ok(["b"])());
  expect(await second).toBe("found");
  answers[0]?.(await ok(["a"])());
  expect([await first, await outcome("a"), await outcome("b")]).toEqual(["none", "none", "found"]);
  expect(results.map(({ served }) => served?.phase)).toEqual(["fresh", undefined]);
});

it("gives up on a parser that does not end, at the deadline of the fetch (J3)", async () => {
  const source = scriptedSource(ok(["a"]));
  const { outcome, results } = documentOf(source, { parse: () => new Promise(() => {}) }, { timeoutMs: 50 });
  expect(await outcome("a")).toBe(UNAVAILABLE);
  expect(results).toMatchObject([{ cause: "timeout" }]);
});

it("keeps the held document while its source sends what the parser refuses, and reports the parser's error", async () => {
  const source = scriptedSource(ok(["a"]));
  const { outcome, time, results } = documentOf(source);
  await outcome("a");
  source.answer = () => new Response("<!doctype html>");
  time.now += 3000;
  expect(await outcome("a")).toBe("found");
  await vi.waitFor(() => expect(results).toHaveLength(2));
  const error = expect.objectContaining({ code: "ERR_ATTESTATION_JSON" });
  expect(results[1]).toMatchObject({ outcome: "failed", cause: "content", error, served: { phase: "ageing" } });
});

it("reloads when it is asked to, in spite of a fresh document, a cooldown and a back-off", async () => {
  const source = scriptedSource(ok(["a"], { "cache-control": "max-age=3600" }));
  const { client, document, outcome } = documentOf(source);
  await outcome("a");
  source.answer = ok(["b"]);
  await document.reload();
  expect([await outcome("a"), await outcome("b")]).toEqual(["none", "found"]);
  source.answer = down;
  await expect(document.reload()).rejects.toMatchObject({ code: UNAVAILABLE });
  expect(await outcome("b")).toBe("found");
  source.answer = ok(["c"]);
  await document.reload();
  expect([await outcome("c"), source.hits]).toEqual(["found", 4]);
  await client.close();
  await expect(document.reload()).rejects.toMatchObject({ code: UNAVAILABLE });
  expect(source.hits).toBe(4);
});

it("begins a reload after it was asked for, with one fetch under way and one waiting however many ask (J5)", async () => {
  const answers: ((response: Response) => void)[] = [];
  const source = scriptedSource(() => new Promise<Response>((resolve) => answers.push(resolve)));
  const { document, outcome } = documentOf(source);
  const first = outcome("b");
  await vi.waitFor(() => expect(answers).toHaveLength(1));
  const reloads = Array.from({ length: 1000 }, () => document.reload());
  answers[0]?.(await ok(["a"])());
  expect(await first).toBe("none");
  await vi.waitFor(() => expect(answers).toHaveLength(2));
  answers[1]?.(await ok(["b"])());
  await Promise.all(reloads);
  expect([await outcome("b"), source.hits]).toEqual(["found", 2]);
});

it("refuses while its clock tells no time, and relies on nothing from a time to come", async () => {
  const source = scriptedSource(ok(["a"]));
  const { outcome, time } = documentOf(source);
  await outcome("a");
  const { now } = time;
  time.now = Number.NaN;
  expect(await outcome("a")).toBe("ERR_CLOCK");
  time.now = now - 100_000;
  expect([await outcome("a"), source.hits]).toEqual(["found", 2]);
});

it("says when a fetch begins and ends, and what is served then, and is not disturbed by who listens", async () => {
  const source = scriptedSource(ok(["a"]));
  const heard: unknown[] = [];
  const { document, find } = documentOf(source, {
    onFetch() {
      heard.push("begins");
      // Asks again from within.
      void find("a");
      return (result) => {
        heard.push(result);
        throw new Error("a listener's own trouble");
      };
    },
    onServe({ phase }) {
      heard.push(phase);
      throw new Error("a listener's own trouble");
    },
  });
  expect(await find("a")).toBe("a");
  const value = new Set(["a"]);
  const duration = expect.any(Number);
  expect(heard.slice(0, 2)).toEqual([
    "begins",
    { outcome: "fetched", value, duration, served: { phase: "fresh", value } },
  ]);
  expect(heard.slice(2)).toEqual(["fresh", "fresh"]);
  const deaf = documentOf(source, {
    onFetch() {
      throw new Error("a listener's own trouble");
    },
  });
  expect([await deaf.find("a"), source.hits]).toEqual(["a", 2]);
  expect(document.find((held) => held.size)).toBe(1);
});
