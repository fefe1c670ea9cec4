import type { ReplayUse } from "@attest/core";
import type { ContractSubject } from "./contract-subject.ts";
import { freshUse } from "./uses.ts";
import { withCache } from "./with-cache.ts";

/** More entries than a "full" cache may have room for. */
const MOST = 100_000;
const AT_ONCE = 100;

/** A cache that cannot tell says so, typed, and never guesses. */
export function failureContract({ runner: { describe, it, expect }, open, failures }: ContractSubject): void {
  describe("failures", () => {
    it("refuses when full, and forgets nothing for that", async () => {
      const { full } = failures;
      if (!full) return withCache(open, async ({ scope }) => missing(scope === "process", "full"));
      await withCache(full, async (_, answer) => {
        const accepted: ReplayUse[] = [];
        let refusal: unknown;
        while (refusal === undefined && accepted.length < MOST) {
          // Holders enough, so that it is the room that ends and not one holder's share of it.
          const uses = Array.from({ length: AT_ONCE }, (_, i) => freshUse({ holder: `holder ${i}` }));
          const answers = await Promise.all(uses.map(answer));
          accepted.push(...uses.filter((_, i) => answers[i] === true));
          refusal = answers.find((one) => one !== true);
        }
        expect(refusal).toBe("ERR_REPLAY_CACHE_FULL");
        // It may not be able to tell a repetition when it has no room; what it must not do is accept one.
        for (const use of accepted.slice(0, AT_ONCE)) {
          const repeated = await answer(use);
          expect(repeated === false || repeated === "ERR_REPLAY_CACHE_FULL").toBe(true);
        }
      });
    }, 60_000);

    it("refuses typed, and in time, when its store cannot be reached", async () => {
      const { unreachable } = failures;
      if (!unreachable) return withCache(open, async ({ scope }) => missing(scope === "shared", "unreachable"));
      const cache = await unreachable();
      await withCache(
        async () => ({ scope: cache.scope, consume: (use) => cache.consume(use), close: async () => cache.close?.() }),
        async (_, answer) => {
          const use = freshUse();
          for (let i = 0; i < 3; i++) expect(await answer(use)).toBe("ERR_REPLAY_CACHE_UNAVAILABLE");
        },
      );
    }, 60_000);
  });

  function missing(needed: boolean, opener: string): void {
    if (needed)
      throw new Error(`A cache of this scope must give the contract failures.${opener}, to show that it fails closed`);
  }
}
