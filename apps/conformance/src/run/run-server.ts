import type { ConformanceCheck } from "../check.ts";
import type { RunContext, ServerScenario } from "../scenario.ts";

/** The longest that a scenario may take, in milliseconds, as in the conformance suite of MCP. */
const TIMEOUT_MS = 120_000;

/** Runs a scenario on a server that listens. A scenario that throws, or takes too long, is a failed check of its own. */
export async function runServer(scenario: ServerScenario, context: RunContext): Promise<ConformanceCheck[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`It took more than ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
  });
  try {
    return await Promise.race([scenario.run(context), late]);
  } catch (error) {
    return [
      {
        id: scenario.name,
        name: scenario.name,
        description: "The scenario ran to its end",
        status: "FAILURE",
        timestamp: new Date().toISOString(),
        errorMessage: error instanceof Error ? error.message : String(error),
      },
    ];
  } finally {
    clearTimeout(timer);
  }
}
