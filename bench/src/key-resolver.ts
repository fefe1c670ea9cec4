import { HttpKeyResolver } from "@attest/jwks";
import type { Material } from "./material.ts";
import { median } from "./measure.ts";
import type { Row } from "./row.ts";

const OPERATIONS = 1_000_000;

/** Resolving a key that is held, as every verification does: nothing is fetched, read or prepared. */
export async function measureKeyResolver({ authority: { issuer, authorityKey } }: Material): Promise<Row> {
  const resolver = new HttpKeyResolver({
    issuers: { [issuer]: { jwksUri: "https://authority.example/.well-known/jwks.json" } },
    fetch: async () => Response.json({ keys: [authorityKey.toJwk()] }),
    allowUncheckedAddresses: true,
  });
  await resolver.ready();
  const times = Array.from({ length: 11 }, () => {
    const begun = performance.now();
    for (let i = 0; i < OPERATIONS; i++) {
      if (resolver.resolve(issuer, authorityKey.kid) === undefined) throw new Error("A key that is held was not found");
    }
    return ((performance.now() - begun) * 1000) / OPERATIONS;
  });
  return { path: "resolve of a cached key", unit: "µs", measured: median(times), must: 1, aim: 0.5, better: "smaller" };
}
