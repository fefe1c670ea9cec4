import { InMemoryKeyResolver, InMemoryReplayCache, systemClock } from "@attest/core";
import { AttestationGuard } from "@attest/mcp-server";
import { createHttpServer, createHttpServerV1, type Listening, listen } from "demo-mcp-server";
import { SERVER_SETTINGS } from "../src/fixture.ts";

/** What a guard is made of. */
export type GuardOptions = ConstructorParameters<typeof AttestationGuard>[0];

/** A server under test. */
export interface Bank {
  readonly url: string;
  close(): Promise<void>;
}

/** Starts the demo's bank on one of the SDKs, configured as the scenario asks, but for `changes`. */
export async function startBank(sdk: "v1" | "v2", changes: Partial<GuardOptions> = {}): Promise<Bank> {
  const keyResolver = new InMemoryKeyResolver();
  const [{ keys, issuer, trustLevel, trustDomains }] = SERVER_SETTINGS.issuers;
  for (const key of keys) await keyResolver.addKey(issuer, key);
  const guard = new AttestationGuard({
    audience: SERVER_SETTINGS.audience,
    trustedIssuers: [{ issuer, trustLevel, trustDomains: [...trustDomains] }],
    keyResolver,
    // Of a process that has been running for a minute: it refuses what may be older than itself.
    replayCache: new InMemoryReplayCache({ clock: () => systemClock() - 60 }),
    ...changes,
  });
  const create = sdk === "v1" ? createHttpServerV1 : createHttpServer;
  const listening: Listening = await listen(
    create(guard, () => {}),
    { host: "127.0.0.1", port: 0 },
  );
  return { url: `http://127.0.0.1:${listening.port}/mcp`, close: () => listening.close() };
}
