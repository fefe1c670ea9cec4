// @attest/replay-cache-contract: the memory cache passes it, and a cache that accepts everything does not.
import assert from "node:assert/strict";
import { InMemoryReplayCache } from "@attest/core";
import { replayCacheContract } from "@attest/replay-cache-contract";
import { collectTests } from "./collect-tests.mjs";

const full = async () => new InMemoryReplayCache({ maxEntries: 1000 });
const honest = collectTests();
replayCacheContract(honest.functions, async () => new InMemoryReplayCache(), { full });
const passed = await honest.run();

const broken = collectTests();
replayCacheContract(broken.functions, async () => ({ scope: "process", consume: async () => true }), { full });
await assert.rejects(broken.run());
console.log(`${passed} tests, a broken cache found`);
