import { defineConfig } from "vitest/config";
import { Progress } from "./vitest.progress.ts";
import { LongestFirst } from "./vitest.sequencer.ts";

export default defineConfig({
  test: {
    // Much of what runs here waits for child processes and real servers: a worker for each core leaves none idle.
    maxWorkers: 2,
    projects: ["packages/*", "apps/*/vitest.config.ts", "docs"],
    sequence: { sequencer: LongestFirst },
    reporters: [new Progress()],
  },
});
