// The functions of a test runner that the contract of replay caches needs, for runtimes without one of their own.
import assert from "node:assert/strict";

/** `functions` collects tests; `run` runs them at once, since most wait for real time, throws what one throws, and counts. */
export function collectTests() {
  const tests = [];
  const functions = {
    describe: (_name, body) => body(),
    it: (name, body) => tests.push({ name, body }),
    expect: (actual) => ({ toBe: (expected) => assert.equal(actual, expected) }),
  };
  const run = async () => {
    assert.notEqual(tests.length, 0);
    const outcomes = tests.map(({ name, body }) =>
      body().catch((cause) => {
        throw new Error(`the test "${name}" failed`, { cause });
      }),
    );
    await Promise.all(outcomes);
    return tests.length;
  };
  return { functions, run };
}
