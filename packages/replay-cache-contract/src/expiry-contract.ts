import type { ContractSubject } from "./contract-subject.ts";
import { freshUse, NOW } from "./uses.ts";
import { withCache } from "./with-cache.ts";

/** Times that no use can have, and what is wrong with them. */
const WRONG_TIMES: readonly [name: string, times: { now?: number; expiresAt?: number }][] = [
  ["an expiry that is now", { expiresAt: NOW }],
  ["an expiry before now", { expiresAt: NOW - 1 }],
  ["an expiry of zero", { expiresAt: 0 }],
  ["a negative expiry", { expiresAt: -1 }],
  ["a fractional expiry", { expiresAt: NOW + 0.5 }],
  ["an expiry that is not a number", { expiresAt: Number.NaN }],
  ["an infinite expiry", { expiresAt: Number.POSITIVE_INFINITY }],
  ["an expiry beyond exact integers", { expiresAt: 2 ** 53 }],
  ["a time that is not a number", { now: Number.NaN }],
  ["a fractional time", { now: NOW + 0.5 }],
  ["an infinite time", { now: Number.NEGATIVE_INFINITY }],
];

/** Entries live exactly as long as the use says, by its own clock and by the backend's. */
export function expiryContract({ runner: { describe, it, expect }, open }: ContractSubject): void {
  describe("expiry", () => {
    for (const [name, times] of WRONG_TIMES) {
      it(`refuses ${name} and records nothing`, () =>
        withCache(open, async (_, answer) => {
          const use = freshUse();
          expect(await answer({ ...use, ...times })).toBe("ERR_REPLAY_EXPIRY");
          expect(await answer(use)).toBe(true);
        }));
    }

    it("accepts the shortest life, one second, and a long one", () =>
      withCache(open, async (_, answer) => {
        expect(await answer(freshUse({ expiresAt: NOW + 1 }))).toBe(true);
        expect(await answer(freshUse({ expiresAt: NOW + 4200 }))).toBe(true);
      }));

    it("remembers to the last second by the clock of the use", () =>
      withCache(open, async (_, answer) => {
        const use = freshUse();
        expect(await answer(use)).toBe(true);
        for (const passed of [1, 60, 93, 94]) expect(await answer({ ...use, now: NOW + passed })).toBe(false);
      }));

    // A backend that expires entries at a point in time of its own clock forgets at once what comes from a clock behind it.
    for (const [name, now] of [
      ["long behind", 1_000_000_000],
      ["far ahead", 4_000_000_000],
    ] as const) {
      it(`remembers for clocks ${name} of its own`, () =>
        withCache(open, async (_, answer) => {
          const use = freshUse({ now });
          expect(await answer(use)).toBe(true);
          await realTime(50);
          expect(await answer(use)).toBe(false);
        }));
    }

    it(
      "remembers while real time passes, up to the end",
      () =>
        withCache(open, async (_, answer) => {
          // A machine that pauses for longer than an entry lives sees nothing of it: look again.
          for (let attempt = 0, inTime = false; !inTime && attempt < 10; attempt++) {
            const short = freshUse({ expiresAt: NOW + 2 });
            const begun = performance.now();
            expect(await answer(short)).toBe(true);
            for (const passed of [900, 1400, 1900]) {
              await realTime(begun + passed - performance.now());
              const repeated = await answer({ ...short, now: NOW + Math.floor(passed / 1000) });
              inTime = performance.now() - begun < 2000;
              if (inTime) expect(repeated).toBe(false);
            }
          }
        }),
      30_000,
    );

    it(
      "lets one entry end without another",
      () =>
        withCache(open, async (_, answer) => {
          const short = freshUse({ expiresAt: NOW + 1 });
          const long = freshUse({ expiresAt: NOW + 900 });
          expect(await answer(short)).toBe(true);
          expect(await answer(long)).toBe(true);
          await realTime(1200);
          expect(await answer({ ...long, now: NOW + 2 })).toBe(false);
          expect(await answer(freshUse({ now: NOW + 2 }))).toBe(true);
        }),
      20_000,
    );
  });
}

function realTime(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
