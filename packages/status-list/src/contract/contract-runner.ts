/**
 * What is used of a test runner. Those of Vitest, Jest and Bun fit as they are; for `node:test`, give `it` and an `expect`
 * made of `assert.strictEqual`.
 */
export interface ContractRunner {
  /** Groups the tests that its body defines. */
  describe(name: string, body: () => void): unknown;
  /** Defines a test, which fails by a rejection, or by taking longer than `timeoutMs`. */
  it(name: string, body: () => Promise<void>, timeoutMs?: number): unknown;
  /** Fails the test, by a throw, unless both are the same value. */
  expect(actual: unknown): { toBe(expected: unknown): unknown };
}
