// The functions of a test runner that the contract of replay caches needs, for runtimes without one of their own.
import assert from "node:assert/strict";

/** `functions` collects tests; `run` runs them one after another, throws what the first failing one throws, and counts. */
export function collectTests() {
  const tests = [];
  const functions = {
    describe: (_name, body) => body(),
    it: (name, body) => tests.push({ name, body }),
    expect: (actual) => ({ toBe: (expected) => assert.equal(actual, expected) }),
  };
  const run = async () => {
    assert.notEqual(tests.length, 0);
    for (const { name, body } of tests) {
      try {
        await body();
      } catch (cause) {
        throw new Error(`the test "${name}" failed`, { cause });
      }
    }
    return tests.length;
  };
  return { functions, run };
}
