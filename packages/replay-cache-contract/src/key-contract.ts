import type { ContractSubject } from "./contract-subject.ts";
import { freshKey, freshUse } from "./uses.ts";
import { withCache } from "./with-cache.ts";

/** Keys that a careless store takes for one another, for a path, for a pattern or for syntax. */
const AWKWARD_PAIRS: readonly [name: string, of: (key: string) => [string, string]][] = [
  ["letters of another case", (key) => [`a${key}`, `A${key}`]],
  ["a key and its beginning", (key) => [`${key}x`, key]],
  ["a space at the end", (key) => [key, `${key} `]],
  ["a line break at the end", (key) => [key, `${key}\r\n`]],
  ["a NUL and what follows it", (key) => [`${key}\0a`, `${key}\0b`]],
  ["composed and decomposed letters", (key) => [`${key}\u00e9`, `${key}e\u0301`]],
  ["characters outside of ASCII", (key) => [`${key}\u{1f600}`, `${key}\u{1f601}`]],
  ["hash tags", (key) => [`{${key}}a`, `{${key}}b`]],
  ["patterns", (key) => [`${key}*`, `${key}?`]],
  ["paths", (key) => [`${key}/../a`, `${key}/a`]],
  ["separators", (key) => [`${key}:a`, `${key}.a`]],
  ["numbers written differently", (key) => [`1${key}`, `01${key}`]],
  ["very long keys", (key) => [`${key}${"x".repeat(4000)}a`, `${key}${"x".repeat(4000)}b`]],
];

/** Keys are compared exactly. */
export function keyContract({ runner: { describe, it, expect }, open }: ContractSubject): void {
  describe("keys", () => {
    for (const [name, of] of AWKWARD_PAIRS) {
      it(`tells apart: ${name}`, () =>
        withCache(open, async (_, answer) => {
          const keys = of(freshKey());
          for (const key of keys) expect(await answer(freshUse({ key }))).toBe(true);
          for (const key of keys) expect(await answer(freshUse({ key }))).toBe(false);
        }));
    }

    it("takes names of object members for keys like any other", () =>
      withCache(open, async (_, answer) => {
        // What an earlier run left in a lasting store is no first use: only its repetition is looked at.
        for (const key of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
          expect(typeof (await answer(freshUse({ key })))).toBe("boolean");
          expect(await answer(freshUse({ key }))).toBe(false);
        }
      }));
  });
}
