import type { Material } from "./material.ts";
import type { Cost } from "./measure.ts";
import type { Row } from "./row.ts";
import { WAYS } from "./ways.ts";

/** What a part of the bench found. */
export interface Measured {
  readonly costs?: readonly Cost[];
  readonly rows: readonly Row[];
}

type Part = (material: Material) => Measured | Promise<Measured>;

/**
 * The parts of the bench. Each runs in a process of its own and loads what it measures and nothing else, as an agent or a server does:
 * otherwise the heap that one part leaves behind, and what the compiler learnt from it, would be in the figures of the next.
 */
export const PARTS: Readonly<Record<string, () => Promise<Part>>> = {
  "replay-cache": async () => {
    const { measureReplayCache } = await import("./replay-caches.ts");
    return () => ({ rows: measureReplayCache() });
  },
  attestations: async () => (await import("./attestations.ts")).measureAttestations,
  requests: async () => (await import("./requests.ts")).measureRequests,
  tickets: async () => (await import("./tickets.ts")).measureTickets,
  sending: async () => (await import("./sending.ts")).measureSending,
  grants: async () => (await import("./tickets.ts")).measureGrants,
  "cached-chains": async () => (await import("./chains.ts")).measureCachedChains,
  "first-messages": async () => (await import("./chains.ts")).measureFirstMessages,
  ...Object.fromEntries(
    WAYS.map((way) => [
      `calls-${way.wire}-${way.inFlight}`,
      async (): Promise<Part> => {
        const { measureCalls } = await import("./calls.ts");
        return (material) => measureCalls(material, way);
      },
    ]),
  ),
  redis: async () => (await import("./redis.ts")).measureRedis,
  "key-resolver": async () => {
    const { measureKeyResolver } = await import("./key-resolver.ts");
    return async (material) => ({ rows: [await measureKeyResolver(material)] });
  },
  "status-list": async () => {
    const { measureStatusList } = await import("./status-list.ts");
    return async (material) => ({ rows: await measureStatusList(material) });
  },
  observers: async () => (await import("./observers.ts")).measureObservers,
  streams: async () => (await import("./streams.ts")).measureStreams,
  gateway: async () => (await import("./gateway.ts")).measureGateway,
  import: async () => {
    const { measureImport } = await import("./import-time.ts");
    return () => ({ rows: [measureImport()] });
  },
};
