import { defineConfig } from "vitest/config";
import { Progress } from "./vitest.progress.ts";
import { LongestFirst } from "./vitest.sequencer.ts";

export default defineConfig({
  test: {
    // Much of what runs here waits for child processes, real servers and real time: more workers than cores leave none idle.
    maxWorkers: 3,
    projects: ["packages/*", "apps/*/vitest.config.ts", "docs"],
    sequence: { sequencer: LongestFirst },
    reporters: [new Progress()],
  },
});
