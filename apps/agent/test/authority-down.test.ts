import type { AttestationError } from "@attest/core";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type BankOnOneClock, startBank } from "./bank-on-one-clock.ts";

const START = 1_800_000_000;
let now: number;
let bank: BankOnOneClock;

beforeEach(async () => {
  now = START;
  bank = await startBank(() => now, { lifetime: 300 });
});
afterEach(() => bank.close());

it("an agent is served while its authority is down for less than an attestation's life, and again when it is back", async () => {
  const agent = await bank.connect();
  const transfer = () => agent.call("transfer", { to: "savings", amount: 1 });
  await transfer();
  await bank.authority.close();
  // Renewal has been due for most of this time, and fails.
  for (; now < START + 290; now += 10) expect(await transfer()).toContain("by order of example-1");
  now = START + 301;
  await expect(transfer()).rejects.toMatchObject({
    code: "ERR_SOURCE_UNAVAILABLE",
  } satisfies Partial<AttestationError>);
  await bank.restartAuthority();
  now += 60;
  expect(await transfer()).toContain("by order of example-1");
});
