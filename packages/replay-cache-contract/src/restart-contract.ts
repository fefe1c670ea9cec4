import type { ContractSubject } from "./contract-subject.ts";
import { freshUse } from "./uses.ts";
import { withCache } from "./with-cache.ts";

/** A store that a restart empties does not accept what may have been used before (R17). Times are the machine's here. */
export function restartContract({ runner: { describe, it, expect }, open }: ContractSubject): void {
  describe("restarts", () => {
    it("refuse what may have been used before the cache was made, and record nothing, if it serves one process", async () => {
      const before = machineTime();
      await withCache(open, async ({ scope }, answer) => {
        if (scope !== "process") return;
        for (const notBefore of [0, before - 1, before, Number.NaN]) {
          const use = freshUse();
          expect(await answer({ ...use, notBefore })).toBe("ERR_REPLAY_BEFORE_START");
          expect(await answer(use)).toBe(true);
        }
      });
    });

    it("accept what was made later, and what only its own peer can have seen", () =>
      withCache(open, async (_, answer) => {
        expect(await answer(freshUse({ notBefore: machineTime() + 1 }))).toBe(true);
        expect(await answer(freshUse())).toBe(true);
      }));

    it("do not empty a shared store, which accepts whatever it does not know", () =>
      withCache(open, async ({ scope }, answer) => {
        if (scope !== "shared") return;
        const use = freshUse({ notBefore: 0 });
        expect(await answer(use)).toBe(true);
        expect(await answer(use)).toBe(false);
      }));
  });
}

function machineTime(): number {
  return Math.floor(Date.now() / 1000);
}
