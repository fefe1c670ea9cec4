import { answerOf } from "./answer-of.ts";
import type { ContractSubject } from "./contract-subject.ts";
import { freshUse, NOW } from "./uses.ts";
import { withCache } from "./with-cache.ts";

const ROUNDS = 20;
const PRESENTERS = 100;
const OTHERS = 5000;

/** One acceptance for each key, from any caller, at once or later. */
export function singleUseContract({ runner: { describe, it, expect }, open }: ContractSubject): void {
  describe("single use", () => {
    it("answers true to the first use and false to every further one", () =>
      withCache(open, async (_, answer) => {
        const use = freshUse();
        expect(await answer(use)).toBe(true);
        for (let i = 0; i < 3; i++) expect(await answer(use)).toBe(false);
      }));

    it("goes by the key, whatever else differs", () =>
      withCache(open, async (_, answer) => {
        const use = freshUse();
        expect(await answer(use)).toBe(true);
        expect(await answer({ ...use, expiresAt: use.expiresAt + 900 })).toBe(false);
        expect(await answer({ ...use, expiresAt: use.expiresAt - 60 })).toBe(false);
        expect(await answer({ ...use, now: NOW + 1, issuedAt: NOW + 1 })).toBe(false);
        expect(await answer({ ...use, holder: "another" })).toBe(false);
        const { holder: _holder, ...anonymous } = use;
        expect(await answer(anonymous)).toBe(false);
      }));

    it(`accepts one of ${PRESENTERS} who come at once`, () =>
      withCache(open, async (_, answer) => {
        for (let round = 0; round < ROUNDS; round++) {
          const use = freshUse();
          const answers = await Promise.all(Array.from({ length: PRESENTERS }, () => answer(use)));
          expect(answers.filter((one) => one === true).length).toBe(1);
          expect(answers.filter((one) => one === false).length).toBe(PRESENTERS - 1);
        }
      }));

    it("accepts one of those who come at once to two caches of one store, if it is shared", () =>
      withCache(open, (one) =>
        withCache(open, async (other) => {
          expect(one.scope === "shared" || one.scope === "process").toBe(true);
          if (one.scope !== "shared") return;
          for (let round = 0; round < ROUNDS; round++) {
            const use = freshUse();
            const caches = Array.from({ length: PRESENTERS }, (_, i) => (i % 2 ? one : other));
            const answers = await Promise.all(caches.map((cache) => answerOf(cache, use)));
            expect(answers.filter((first) => first === true).length).toBe(1);
            expect(answers.filter((first) => first === false).length).toBe(PRESENTERS - 1);
          }
        }),
      ));

    it(`forgets nothing that is live for ${OTHERS} others`, () =>
      withCache(open, async (_, answer) => {
        const use = freshUse();
        expect(await answer(use)).toBe(true);
        for (let i = 0; i < OTHERS; i += PRESENTERS) {
          const others = Array.from({ length: PRESENTERS }, (_, at) =>
            answer(freshUse({ holder: `holder ${(i + at) % 50}`, expiresAt: NOW + 1 + ((i + at) % 900) })),
          );
          expect((await Promise.all(others)).every((first) => first === true)).toBe(true);
        }
        expect(await answer(use)).toBe(false);
      }));
  });
}
