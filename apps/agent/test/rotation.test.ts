import { afterEach, beforeEach, expect, it } from "vitest";
import { type BankOnOneClock, startBank } from "./bank-on-one-clock.ts";

const START = 1_800_000_000;
const AGENTS = 3;
let now: number;
let bank: BankOnOneClock;

beforeEach(async () => {
  now = START;
  bank = await startBank(() => now, { lifetime: 60, keys: { publishAhead: 120, rotateEvery: 86_400 } });
});
afterEach(() => bank.close());

it("no honest request is refused while the authority's keys rotate, again and again", async () => {
  const agents = await Promise.all(Array.from({ length: AGENTS }, () => bank.connect()));
  const published = async (): Promise<string[]> => {
    const response = await fetch(new URL(".well-known/jwks.json", bank.authority.url));
    return ((await response.json()) as { keys: { kid: string }[] }).keys.map(({ kid }) => kid);
  };
  const kids = new Set<string>();
  let calls = 0;
  // Ten minutes, ten seconds at a time; each attestation lives one minute, each key signs two and a half.
  for (let step = 0; step < 60; step++) {
    if (step % 15 === 14) await bank.authority.rotate();
    const answers = await Promise.all(agents.map((agent) => agent.call("transfer", { to: "savings", amount: 1 })));
    calls += answers.length;
    for (const kid of await published()) kids.add(kid);
    now += 10;
  }
  expect(calls).toBe(60 * AGENTS);
  expect(kids.size).toBeGreaterThanOrEqual(6);
  expect(bank.verifications.filter(({ outcome }) => outcome !== "verified")).toEqual([]);
  expect(bank.verifications.length).toBeGreaterThanOrEqual(calls);
});
