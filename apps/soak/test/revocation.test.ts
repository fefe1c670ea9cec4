import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { measureRevocation } from "../src/revocation/measure-revocation.ts";

const program = fileURLToPath(new URL("../dist/revocation/replica.js", import.meta.url));

it.each([
  ["none", "ERR_REVOKED"],
  ["rolled back", "ERR_REVOCATION_UNAVAILABLE"],
] as const)(
  "a revocation is refused by every process within the bound, whatever the list server does: %s (T21, S1)",
  async (fault, code) => {
    const run = { ttl: 2, fault, agents: 3, replicas: 2, timeoutMs: 2000, program };
    const { samples, max, bound, codes } = await measureRevocation(run);
    expect(samples).toHaveLength(6);
    expect(bound).toBe(5);
    expect(max).toBeLessThanOrEqual(bound);
    expect(Object.keys(codes)).toEqual([code]);
  },
  60_000,
);
