import { expect, it } from "vitest";
import { countsTable, readReadme, withCounts } from "./published-counts.ts";

it("the README publishes the counts as they are", async () => {
  const readme = readReadme();
  expect(readme).toBe(withCounts(readme, await countsTable()));
});
