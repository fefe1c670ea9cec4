import { defineConfig } from "vitest/config";

export default defineConfig({
  // Much of what runs here waits for child processes and real servers: a worker for each core leaves none idle.
  test: { maxWorkers: 2, projects: ["packages/*", "apps/*/vitest.config.ts", "docs"] },
});
