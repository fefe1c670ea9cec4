import { expect, it, vi } from "vitest";
import { UNAVAILABLE } from "./names.ts";
import { documentOf, down, notModified, ok, scriptedSource } from "./scripted-source.ts";

const OUTDATED = { outcome: "failed", cause: "outdated" };

it.each([
  [{ ttl: 600 }, {}, 600],
  [{ ttl: 600 }, { "cache-control": "max-age=300" }, 300],
  [{ ttl: 300 }, { "cache-control": "max-age=600" }, 300],
  [{ ttl: 300 }, { "cache-control": "no-store" }, 60],
  [{ ttl: 99_999 }, {}, 3600],
  [{ ttl: 1 }, {}, 60],
  [{ ttl: -1 }, {}, 60],
  [{}, {}, 3600],
])("uses a document that says %j, with fields %j, for %d seconds", async (own, headers, seconds) => {
  const source = scriptedSource(ok({ names: ["a"], ...own }, headers));
  const { outcome, time } = documentOf(source);
  await outcome("a");
  source.answer = down;
  time.now += seconds - 1;
  expect(await outcome("a")).toBe("found");
  time.now += 1;
  expect(await outcome("a")).toBe(UNAVAILABLE);
});

it("asks no sooner than a shorter least time that is configured", async () => {
  const source = scriptedSource(ok({ names: ["a"], ttl: 1 }));
  const { outcome, time } = documentOf(source, { minTtl: 5 });
  await outcome("a");
  source.answer = down;
  time.now += 4;
  expect(await outcome("a")).toBe("found");
  time.now += 1;
  expect(await outcome("a")).toBe(UNAVAILABLE);
});

it("serves no document from its own expiry on, not even while its source fails, and refreshes ahead of it", async () => {
  const source = scriptedSource(ok(["a"]));
  const { outcome, time } = documentOf(source, { staleIfError: 3600 });
  source.answer = ok({ names: ["a"], expiresAt: time.now + 100 });
  await outcome("a");
  source.answer = down;
  time.now += 69;
  expect([await outcome("a"), source.hits]).toEqual(["found", 1]);
  time.now += 1;
  expect(await outcome("a")).toBe("found");
  await vi.waitFor(() => expect(source.hits).toBe(2));
  time.now += 29;
  expect(await outcome("a")).toBe("found");
  time.now += 1;
  expect(await outcome("a")).toBe(UNAVAILABLE);
});

it("refuses a document that has expired when it comes, and backs off", async () => {
  const source = scriptedSource(down);
  const { document, outcome, time, results } = documentOf(source);
  source.answer = ok({ names: ["a"], expiresAt: time.now });
  expect([await outcome("a"), await outcome("a"), source.hits]).toEqual([UNAVAILABLE, UNAVAILABLE, 1]);
  expect(results).toMatchObject([OUTDATED]);
  await expect(document.reload()).rejects.toMatchObject({
    cause: expect.objectContaining({ message: "The list's source sent a document that has expired" }),
  });
});

it("has no expired document confirmed", async () => {
  const source = scriptedSource(down);
  const { outcome, time, results } = documentOf(source);
  source.answer = ok({ names: ["a"], expiresAt: time.now + 100 }, { etag: '"one"' });
  await outcome("a");
  source.answer = notModified;
  time.now += 90;
  await outcome("a");
  await vi.waitFor(() => expect(results).toHaveLength(2));
  time.now += 10;
  expect(await outcome("a")).toBe(UNAVAILABLE);
  expect(source.revalidations).toEqual([undefined, '"one"', undefined]);
});

it("does not go back to an older document, and counts the attempt as failed", async () => {
  const source = scriptedSource(ok({ names: ["new"], version: 2 }));
  const { document, outcome, time, results } = documentOf(source, { cacheTtl: 60, staleIfError: 60 });
  await outcome("new");
  source.answer = ok({ names: ["old"], version: 1 });
  time.now += 60;
  expect([await outcome("new"), await outcome("old")]).toEqual(["found", UNAVAILABLE]);
  expect(results.at(-1)).toMatchObject({ ...OUTDATED, served: { phase: "stale" } });
  // Nor when the newer one is no longer served, nor for an operator.
  time.now += 60;
  expect([await outcome("new"), await outcome("old")]).toEqual([UNAVAILABLE, UNAVAILABLE]);
  await expect(document.reload()).rejects.toMatchObject({ code: UNAVAILABLE });
  source.answer = ok({ names: ["newest"], version: 3 });
  await document.reload();
  expect(await outcome("newest")).toBe("found");
});

it("takes a document of the same version, and one without", async () => {
  const source = scriptedSource(ok({ names: ["a"], version: 2 }));
  const { document, outcome } = documentOf(source);
  await outcome("a");
  source.answer = ok({ names: ["b"], version: 2 });
  await document.reload();
  expect(await outcome("b")).toBe("found");
  source.answer = ok(["c"]);
  await document.reload();
  expect(await outcome("c")).toBe("found");
  source.answer = ok({ names: ["d"], version: 1 });
  await expect(document.reload()).rejects.toMatchObject({ code: UNAVAILABLE });
});

it.each(["no-store", "max-age=1", "max-age=86400"])(
  "lets only the document's own word count where its format says so, whatever Cache-Control says: %s",
  async (field) => {
    const source = scriptedSource(ok({ names: ["a"], ttl: 300 }, { "cache-control": field }));
    const { outcome, time } = documentOf(source, { ignoreCacheControl: true });
    await outcome("a");
    source.answer = down;
    time.now += 299;
    expect(await outcome("a")).toBe("found");
    time.now += 1;
    expect(await outcome("a")).toBe(UNAVAILABLE);
  },
);

it("keeps nothing fresh because the clock stands still", async () => {
  const source = scriptedSource(ok({ names: ["a"], ttl: 300 }));
  let elapsed = 7;
  const { outcome, time } = documentOf(source, { stopwatch: () => elapsed, staleIfError: 100 });
  await outcome("a");
  elapsed += 299;
  source.answer = down;
  expect(await outcome("a")).toBe("found");
  await vi.waitFor(() => expect(source.hits).toBe(2));
  elapsed += 100;
  expect(await outcome("a")).toBe("found");
  elapsed += 1;
  expect(await outcome("a")).toBe(UNAVAILABLE);
  // What is fetched from then on ages from its own fetch.
  time.now += 60;
  source.answer = ok({ names: ["a"], ttl: 300 });
  expect(await outcome("a")).toBe("found");
});

it("counts the time of a fetch itself", async () => {
  let elapsed = 0;
  const source = scriptedSource(ok({ names: ["a"], ttl: 60 }));
  const { outcome } = documentOf(source, { stopwatch: () => elapsed });
  source.answer = () => {
    elapsed += 60;
    source.answer = down;
    return ok({ names: ["a"], ttl: 60 })();
  };
  expect(await outcome("a")).toBe(UNAVAILABLE);
});
