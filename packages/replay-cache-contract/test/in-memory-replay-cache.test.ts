import { InMemoryReplayCache } from "@attest/core";
import { describe, expect, it } from "vitest";
import { replayCacheContract } from "../src/index.ts";

describe("core's cache in memory (R3, R4, R7, R13, R17)", () => {
  // At the same time, since two of its tests wait for real time to pass.
  replayCacheContract({ describe: describe.concurrent, it, expect }, async () => new InMemoryReplayCache(), {
    full: async () => new InMemoryReplayCache({ maxEntries: 500 }),
  });
});
