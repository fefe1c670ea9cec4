import { AttestationError, assertExpiry, InMemoryReplayCache, type ReplayCache, type ReplayUse } from "@attest/core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type ContractFailures, replayCacheContract } from "../src/index.ts";

// The contract waits: for entries to expire, and for answers that never come. Here, time passes as soon as it is waited for.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Steps in which time passes: after each of them, what became due is answered before more becomes due. */
const STEP_MS = 50;

/** Runs the contract and returns the titles of the tests that failed. */
async function failuresOf(open: () => ReplayCache, failures: ContractFailures = {}): Promise<string[]> {
  const tests: [name: string, body: () => Promise<void>][] = [];
  replayCacheContract(
    {
      describe: (_, body) => body(),
      it: (name, body) => tests.push([name, body]),
      expect: (actual) => ({ toBe: (expected) => expect(actual).toBe(expected) }),
    },
    async () => open(),
    failures,
  );
  let running = true;
  const failed = Promise.all(
    tests.map(async ([name, body]) => {
      try {
        await body();
        return [];
      } catch {
        return [name];
      }
    }),
  ).finally(() => {
    running = false;
  });
  while (running) await vi.advanceTimersByTimeAsync(STEP_MS);
  return (await failed).flat();
}

/** A memory that is right but for what a test breaks: its `uses` hold when a key's entry ends. */
class Backend implements ReplayCache {
  readonly scope: "process" | "shared" = "process";
  protected readonly uses = new Map<string, number>();
  protected readonly madeAt = Math.floor(Date.now() / 1000);
  async consume(use: ReplayUse): Promise<boolean> {
    assertExpiry(use);
    this.assertLater(use);
    return this.record(use);
  }
  protected assertLater({ notBefore }: ReplayUse): void {
    if (notBefore === undefined || notBefore > this.madeAt) return;
    throw new AttestationError("ERR_REPLAY_BEFORE_START", "May have been used before");
  }
  protected record({ key, expiresAt }: ReplayUse): boolean | Promise<boolean> {
    if (this.uses.has(key)) return false;
    this.uses.set(key, expiresAt);
    return true;
  }
}

const full = async () => new InMemoryReplayCache({ maxEntries: 500 });

it("passes a backend that is right", async () => {
  expect(await failuresOf(() => new Backend(), { full })).toEqual([]);
});

const BEFORE_START =
  "refuse what may have been used before the cache was made, and record nothing, if it serves one process";

const BROKEN: [problem: string, open: () => ReplayCache, test: string][] = [
  [
    "answers OK instead of true",
    () =>
      new (class extends Backend {
        override async consume(use: ReplayUse) {
          return ((await super.consume(use)) ? "OK" : null) as unknown as boolean;
        }
      })(),
    "answers true to the first use and false to every further one",
  ],
  [
    "answers nothing",
    () => ({ scope: "process", consume: (use) => assertExpiry(use) as unknown as boolean }),
    "answers true to the first use and false to every further one",
  ],
  [
    "answers 1 and 0",
    () =>
      new (class extends Backend {
        override async consume(use: ReplayUse) {
          return Number(await super.consume(use)) as unknown as boolean;
        }
      })(),
    "answers true to the first use and false to every further one",
  ],
  [
    "throws for a repetition",
    () =>
      new (class extends Backend {
        override async consume(use: ReplayUse) {
          if (!(await super.consume(use))) throw new AttestationError("ERR_REPLAY", "again");
          return true;
        }
      })(),
    "answers true to the first use and false to every further one",
  ],
  [
    "never settles",
    () => ({ scope: "process", consume: () => new Promise<boolean>(() => {}) }),
    "answers true to the first use and false to every further one",
  ],
  [
    "checks, waits, then sets",
    () =>
      new (class extends Backend {
        protected override async record({ key, expiresAt }: ReplayUse) {
          const first = !this.uses.has(key);
          await new Promise((resolve) => setImmediate(resolve));
          this.uses.set(key, expiresAt);
          return first;
        }
      })(),
    "accepts one of 100 who come at once",
  ],
  [
    "keeps one process's uses and says that it is shared",
    () =>
      new (class extends Backend {
        override readonly scope = "shared";
      })(),
    "accepts one of those who come at once to two caches of one store, if it is shared",
  ],
  [
    "evicts the oldest",
    () =>
      new (class extends Backend {
        protected override record(use: ReplayUse) {
          const first = super.record(use);
          const [oldest] = this.uses.keys();
          if (this.uses.size > 1000 && oldest !== undefined) this.uses.delete(oldest);
          return first;
        }
      })(),
    "forgets nothing that is live for 5000 others",
  ],
  [
    "tells keys with their expiry apart",
    () =>
      new (class extends Backend {
        protected override record(use: ReplayUse) {
          return super.record({ ...use, key: `${use.key} ${use.expiresAt}` });
        }
      })(),
    "goes by the key, whatever else differs",
  ],
  [
    "ignores the case of keys",
    () =>
      new (class extends Backend {
        protected override record(use: ReplayUse) {
          return super.record({ ...use, key: use.key.toLowerCase() });
        }
      })(),
    "tells apart: letters of another case",
  ],
  [
    "normalizes keys",
    () =>
      new (class extends Backend {
        protected override record(use: ReplayUse) {
          return super.record({ ...use, key: use.key.normalize() });
        }
      })(),
    "tells apart: composed and decomposed letters",
  ],
  [
    "keeps keys in an object",
    () => {
      const uses: Record<string, boolean> = {};
      return {
        scope: "process",
        consume(use) {
          assertExpiry(use);
          if (uses[use.key]) return uses[use.key] === true ? false : (undefined as unknown as boolean);
          uses[use.key] = true;
          return true;
        },
      };
    },
    "takes names of object members for keys like any other",
  ],
  [
    "expires entries by its own clock",
    () =>
      new (class extends Backend {
        protected override record(use: ReplayUse) {
          if ((this.uses.get(use.key) ?? Number.POSITIVE_INFINITY) * 1000 < Date.now()) this.uses.delete(use.key);
          return super.record(use);
        }
      })(),
    "remembers for clocks long behind of its own",
  ],
  [
    "keeps entries for half their life",
    () =>
      new (class extends Backend {
        protected override record(use: ReplayUse) {
          const first = super.record(use);
          if (first) setTimeout(() => this.uses.delete(use.key), ((use.expiresAt - use.now) * 1000) / 2).unref();
          return first;
        }
      })(),
    "remembers while real time passes, up to the end",
  ],
  [
    "empties itself when one entry expires",
    () =>
      new (class extends Backend {
        protected override record(use: ReplayUse) {
          if ([...this.uses.values()].some((end) => end <= use.now)) this.uses.clear();
          return super.record(use);
        }
      })(),
    "lets one entry end without another",
  ],
  [
    "takes any expiry",
    () =>
      new (class extends Backend {
        override async consume(use: ReplayUse) {
          this.assertLater(use);
          return this.record(use);
        }
      })(),
    "refuses a fractional expiry and records nothing",
  ],
  [
    "records before it looks at the times",
    () =>
      new (class extends Backend {
        override async consume(use: ReplayUse) {
          const first = this.record(use);
          assertExpiry(use);
          this.assertLater(use);
          return first;
        }
      })(),
    "refuses an expiry that is now and records nothing",
  ],
  [
    "accepts what may have been used before it was made",
    () =>
      new (class extends Backend {
        override assertLater() {}
      })(),
    BEFORE_START,
  ],
  [
    "accepts what may have been used in the second in which it was made",
    () =>
      new (class extends Backend {
        override assertLater(use: ReplayUse) {
          super.assertLater({ ...use, ...(use.notBefore !== undefined && { notBefore: use.notBefore + 1 }) });
        }
      })(),
    BEFORE_START,
  ],
  [
    "takes a time that is none for a late one",
    () =>
      new (class extends Backend {
        override assertLater(use: ReplayUse) {
          if (!Number.isNaN(use.notBefore)) super.assertLater(use);
        }
      })(),
    BEFORE_START,
  ],
  [
    "refuses what was made later too",
    () =>
      new (class extends Backend {
        override assertLater({ notBefore, ...use }: ReplayUse) {
          super.assertLater({ ...use, ...(notBefore !== undefined && { notBefore: 0 }) });
        }
      })(),
    "accept what was made later, and what only its own peer can have seen",
  ],
  [
    "refuses what does not say when it can have been made",
    () =>
      new (class extends Backend {
        override assertLater(use: ReplayUse) {
          super.assertLater({ ...use, notBefore: use.notBefore ?? 0 });
        }
      })(),
    "accept what was made later, and what only its own peer can have seen",
  ],
];

it.each(BROKEN)("fails a backend that %s (R3, R4, R13, R15, R17)", async (_, open, test) => {
  expect(await failuresOf(open, { full })).toContain(test);
});

const unavailable = (code: "ERR_REPLAY_CACHE_UNAVAILABLE" | "ERR_REPLAY_CACHE_FULL"): ReplayCache => ({
  scope: "shared",
  consume: () => {
    throw new AttestationError(code, "out of reach");
  },
});
const FULL = "refuses when full, and forgets nothing for that";
const UNREACHABLE = "refuses typed, and in time, when its store cannot be reached";

it.each<[problem: string, failures: ContractFailures, tests: string[]]>([
  ["makes room by forgetting", { full: async () => new EvictingWhenFull() }, [FULL]],
  ["accepts everything when it is full", { full: async () => ({ scope: "process", consume: () => true }) }, [FULL]],
  ["throws something else when it is full", { full: async () => unavailable("ERR_REPLAY_CACHE_UNAVAILABLE") }, [FULL]],
  ["is not shown full", {}, [FULL]],
  [
    "accepts when out of reach",
    { full, unreachable: async () => ({ scope: "shared", consume: () => true }) },
    [UNREACHABLE],
  ],
  [
    "calls it a replay when out of reach",
    { full, unreachable: async () => ({ scope: "shared", consume: () => false }) },
    [UNREACHABLE],
  ],
  [
    "throws untyped when out of reach",
    { full, unreachable: async () => ({ scope: "shared", consume: () => Promise.reject(new Error("ECONNREFUSED")) }) },
    [UNREACHABLE],
  ],
  [
    "hangs when out of reach",
    { full, unreachable: async () => ({ scope: "shared", consume: () => new Promise(() => {}) }) },
    [UNREACHABLE],
  ],
])("fails a backend that %s (R7, R15)", async (_, failures, tests) => {
  expect(await failuresOf(() => new Backend(), failures)).toEqual(tests);
});

it("fails a shared cache that takes itself for one that a restart empties (R17)", async () => {
  const shared = new Backend();
  const open = (): ReplayCache => ({ scope: "shared", consume: (use) => shared.consume(use) });
  const failures = { full, unreachable: async () => unavailable("ERR_REPLAY_CACHE_UNAVAILABLE") };
  expect(await failuresOf(open, failures)).toEqual([
    "do not empty a shared store, which accepts whatever it does not know",
  ]);
});

it("does not let a shared cache leave out its store out of reach (R15)", async () => {
  const shared = new Backend();
  const open = (): ReplayCache => ({
    scope: "shared",
    consume: ({ notBefore: _, ...use }) => shared.consume(use),
  });
  expect(await failuresOf(open)).toEqual([UNREACHABLE]);
  expect(await failuresOf(open, { unreachable: async () => unavailable("ERR_REPLAY_CACHE_UNAVAILABLE") })).toEqual([]);
});

class EvictingWhenFull extends Backend {
  override record(use: ReplayUse): boolean | Promise<boolean> {
    if (this.uses.size < 500) return super.record(use);
    this.uses.clear();
    throw new AttestationError("ERR_REPLAY_CACHE_FULL", "Made room for later");
  }
}
