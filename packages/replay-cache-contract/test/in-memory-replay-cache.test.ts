import { InMemoryReplayCache } from "@attest/core";
import { describe, expect, it } from "vitest";
import { replayCacheContract } from "../src/index.ts";

describe("core's cache in memory (R3, R4, R7, R13, R17)", () => {
  replayCacheContract({ describe, it, expect }, async () => new InMemoryReplayCache(), {
    full: async () => new InMemoryReplayCache({ maxEntries: 500 }),
  });
});
