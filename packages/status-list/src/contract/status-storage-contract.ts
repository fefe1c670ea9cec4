import type { StatusStorage, StoredStatus, StoredText } from "../storage/status-storage.ts";
import type { ContractRunner } from "./contract-runner.ts";

/** An empty store under test. */
export interface ContractStore {
  /** Opens a storage on it: another one each time, if the store can serve several. */
  open(): Promise<StatusStorage>;
  /** Releases it, after the test. */
  close?(): Promise<void>;
}

const WRITERS = 8;
const ROUNDS = 20;
const LONG = 60_000;

/** Texts that a careless store changes. */
const AWKWARD: readonly string[] = [
  "{}",
  "a\r\nb\n",
  " leading and trailing ",
  "'; DROP TABLE attest_status_entry; --",
  "$1 %s \\ \\u0000 \u0001",
  "é e\u0301 \u{1f600} \ufeff",
  "x".repeat(1024 * 1024),
];

/**
 * Declares the tests that every status storage must pass. There is no option to leave a group out: each stands for a way in
 * which a revocation would be lost, or an index given to two keys.
 *
 * @param runner A test runner's functions, or equivalents. @param fresh Makes an empty store. Called for every test.
 * @param unreachable A storage whose store cannot be reached. Only one that has nothing between it and its store lacks it.
 */
export function statusStorageContract(
  runner: ContractRunner,
  fresh: () => Promise<ContractStore>,
  unreachable?: () => Promise<StatusStorage>,
): void {
  const { describe, it, expect } = runner;

  /** Runs on an empty store, with two storages on it. */
  const on = (body: (one: StatusStorage, other: StatusStorage, store: ContractStore) => Promise<void>) => async () => {
    const store = await fresh();
    try {
      await body(await store.open(), await store.open(), store);
    } finally {
      await store.close?.();
    }
  };

  /** Appends texts one after the other. */
  const fill = async (storage: StatusStorage, count: number, from = 0): Promise<void> => {
    for (let i = from; i < from + count; i++) expect(await storage.append(i, `entry ${i + 1}`)).toBe(true);
  };

  const entries = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => ({ position: from + i, text: `entry ${from + i}` }));

  describe("status storage contract", () => {
    it(
      "is empty at first",
      on(async (one) => expectStored(await one.read(0), { head: 0, entries: [] })),
    );

    it(
      "keeps entries in order, and gives those behind a position",
      on(async (one, other) => {
        await fill(one, 5);
        expectStored(await other.read(0), { head: 5, entries: entries(1, 5) });
        expectStored(await other.read(3), { head: 5, entries: entries(4, 5) });
        expectStored(await other.read(5), { head: 5, entries: [] });
      }),
    );

    it(
      "stores at the head only, and nothing of what it refuses",
      on(async (one, other) => {
        await fill(one, 2);
        for (const after of [0, 1, 3, 100]) same([after, await other.append(after, "elsewhere")], [after, false]);
        expectStored(await one.read(0), { head: 2, entries: entries(1, 2) });
      }),
    );

    it(
      "keeps texts as they are",
      on(async (one, other) => {
        for (const [i, text] of AWKWARD.entries()) expect(await one.append(i, text)).toBe(true);
        const { entries: stored } = await other.read(0);
        same(
          AWKWARD.map((text, i) => stored[i]?.text === text),
          AWKWARD.map(() => true),
        );
        const long = "long é".repeat(500_000);
        await one.compact(AWKWARD.length, long);
        expect((await other.read(0)).snapshot?.text === long).toBe(true);
      }),
      LONG,
    );

    it(
      `lets one of ${WRITERS} be first, every time`,
      on(async (one, _, store) => {
        const others = await Promise.all(Array.from({ length: WRITERS - 1 }, () => store.open()));
        for (let round = 0; round < ROUNDS; round++) {
          const results = await Promise.all(
            [one, ...others].map((storage, i) => storage.append(round, `${round} by ${i}`)),
          );
          expect(results.filter((result) => result === true).length).toBe(1);
          const { entries: stored } = await one.read(round);
          same(stored, [{ position: round + 1, text: `${round} by ${results.indexOf(true)}` }]);
        }
      }),
      LONG,
    );

    it(
      "gives a snapshot for what it replaced, and every entry behind it",
      on(async (one, other) => {
        await fill(one, 10);
        await one.compact(6, "first six");
        const snapshot = { position: 6, text: "first six" };
        expectStored(await other.read(0), { head: 10, snapshot, entries: entries(7, 10) });
        expectStored(await other.read(5), { head: 10, snapshot, entries: entries(7, 10) });
        expectStored(await other.read(6), { head: 10, entries: entries(7, 10) });
        expectStored(await other.read(8), { head: 10, entries: entries(9, 10) });
      }),
    );

    it(
      "goes on behind a snapshot that replaced everything",
      on(async (one, other) => {
        await fill(one, 3);
        await one.compact(3, "all three");
        expectStored(await other.read(3), { head: 3, entries: [] });
        for (const after of [0, 1, 2]) same([after, await other.append(after, "late")], [after, false]);
        await fill(other, 2, 3);
        expectStored(await one.read(0), {
          head: 5,
          snapshot: { position: 3, text: "all three" },
          entries: entries(4, 5),
        });
      }),
    );

    it(
      "does not go back to an older snapshot",
      on(async (one, other) => {
        await fill(one, 4);
        await one.compact(4, "four");
        await other.compact(2, "two");
        await other.compact(4, "four again");
        expectStored(await one.read(0), { head: 4, snapshot: { position: 4, text: "four" }, entries: [] });
      }),
    );

    it(
      "loses nothing, and shows no gap, while others write and replace",
      on(async (one, other, store) => {
        const total = 60;
        const readers = await Promise.all([store.open(), store.open()]);
        let done = false;
        const reading = readers.map(async (reader) => {
          for (let after = 0; !done; ) {
            const { head, snapshot, entries: stored } = await reader.read(after);
            const base = Math.max(after, snapshot?.position ?? 0);
            same(
              stored.map(({ position }) => position),
              stored.map((_each, i) => base + 1 + i),
            );
            expect(base + stored.length).toBe(head);
            after = head === total ? 0 : head;
          }
        });
        const write = async (storage: StatusStorage): Promise<number> => {
          let won = 0;
          for (let head = 0; head < total; head = (await storage.read(0)).head) {
            if (!(await storage.append(head, `entry ${head + 1}`))) continue;
            won++;
            if ((head + 1) % 7 === 0) await storage.compact(head + 1, `up to ${head + 1}`);
          }
          return won;
        };
        try {
          const won = await Promise.all([write(one), write(other)]);
          expect(won.reduce((sum, each) => sum + each)).toBe(total);
        } finally {
          done = true;
        }
        await Promise.all(reading);
        const snapshot = { position: 56, text: "up to 56" };
        expectStored(await one.read(0), { head: total, snapshot, entries: entries(57, 60) });
      }),
      LONG,
    );

    if (!unreachable) return;
    it(
      "rejects everything while its store cannot be reached",
      async () => {
        const storage = await unreachable();
        for (const work of [() => storage.read(0), () => storage.append(0, "x"), () => storage.compact(1, "x")]) {
          expect(
            await work().then(
              () => "resolved",
              () => "rejected",
            ),
          ).toBe("rejected");
        }
      },
      LONG,
    );
  });

  /** Compares lists and plain objects, member by member. */
  function same(actual: unknown, expected: unknown): void {
    expect(JSON.stringify(actual)).toBe(JSON.stringify(expected));
  }

  function expectStored({ head, snapshot, entries: stored }: StoredStatus, expected: StoredStatus): void {
    const plain = (each: StoredText | undefined) => each && { position: each.position, text: each.text };
    same(
      [head, plain(snapshot), stored.map(plain)],
      [expected.head, plain(expected.snapshot), expected.entries.map(plain)],
    );
  }
}
