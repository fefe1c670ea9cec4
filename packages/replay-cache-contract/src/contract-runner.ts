/**
 * What is used of a test runner. Those of Vitest, Jest and Bun fit as they are; for `node:test`, give `it` and an `expect`
 * made of `assert.strictEqual`.
 */
export interface ContractRunner {
  describe(name: string, body: () => void): unknown;
  it(name: string, body: () => Promise<void>, timeoutMs?: number): unknown;
  expect(actual: unknown): { toBe(expected: unknown): unknown };
}
