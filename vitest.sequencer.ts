import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/**
 * The files that take longest, so that none of them is left when everything else is done. The browser needs more than its
 * worker's core; so those come next that mostly wait.
 */
const FIRST = [
  "apps/console/test/console.e2e.test.ts",
  "packages/cache-redis/test/failover.test.ts",
  "packages/attacks/test/live-targets.test.ts",
  "packages/mcp-client/test/matrix.test.ts",
  "packages/mcp-client/test/side-doors.test.ts",
  "apps/soak/test/race.test.ts",
  "packages/cli/test/doctor.test.ts",
  "packages/cli/test/round-trip.test.ts",
  "apps/mcp-server/test/replicas.test.ts",
  "apps/agent/test/attacks.test.ts",
  "packages/observability/test/cardinality.test.ts",
  "packages/core/test/vectors.test.ts",
  "packages/core/test/replay-flooding.test.ts",
  "packages/jwks/test/file-key-storage.test.ts",
  "packages/jwks/test/rotation-under-load.test.ts",
].map((file) => resolve(import.meta.dirname, file));

/** Runs long files first, and then project by project, so that a worker can take on one file of a project after another. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const missing = FIRST.find((file) => !existsSync(file));
    if (missing) throw new Error(`vitest.sequencer.ts names a file that is not there: ${missing}`);
    const sorted = await super.sort(files);
    const first = FIRST.flatMap((path) => sorted.filter(({ moduleId }) => moduleId === path));
    return [...first, ...sorted.filter((file) => !first.includes(file))];
  }
}
