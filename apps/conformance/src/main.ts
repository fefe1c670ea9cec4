// Runs the scenarios of agent attestation as the conformance suite of MCP runs its own. Ends with status 0 where nothing is wrong, 1
// where something is, 2 where it was called wrongly.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runVectors } from "@attest/vectors";
import type { ConformanceCheck } from "./check.ts";
import { AttestedClientScenario } from "./client/client-scenario.ts";
import { SERVER_SETTINGS } from "./fixture.ts";
import { failed, linesOf } from "./print.ts";
import { runClient } from "./run/run-client.ts";
import { runServer } from "./run/run-server.ts";
import type { SpecVersion } from "./scenario.ts";
import { serverScenario } from "./server/server-scenario.ts";
import { vectorChecks } from "./vectors/vector-checks.ts";

const USAGE = `Usage:
  main.js server --url URL [--spec-version VERSION] [-o FOLDER]
  main.js client --command COMMAND [--spec-version VERSION] [-o FOLDER]
  main.js vectors [-o FOLDER] -- COMMAND [ARGUMENT ...]
  main.js settings     (what a server must be configured with, as the demo's bank reads it)

  --spec-version   2025-11-25 or 2026-07-28 (default)
  -o               a folder for checks.json
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: "string" },
    command: { type: "string" },
    "spec-version": { type: "string", default: "2026-07-28" },
    output: { type: "string", short: "o" },
  },
});
const [mode, ...rest] = positionals;
const checks = isVersion(values["spec-version"]) ? await run(values["spec-version"]) : undefined;
if (mode === "settings") console.log(JSON.stringify(SERVER_SETTINGS));
else if (checks === undefined) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  console.log(linesOf(checks).join("\n"));
  if (values.output !== undefined) {
    mkdirSync(values.output, { recursive: true });
    writeFileSync(join(values.output, "checks.json"), `${JSON.stringify(checks, undefined, 2)}\n`);
  }
  if (failed(checks)) process.exitCode = 1;
}

async function run(specVersion: SpecVersion): Promise<readonly ConformanceCheck[] | undefined> {
  const { url, command } = values;
  if (mode === "server" && url !== undefined) return runServer(serverScenario, { serverUrl: url, specVersion });
  if (mode === "client" && command !== undefined) {
    const { checks, status, output } = await runClient(new AttestedClientScenario(), command, { specVersion });
    if (status !== 0) {
      console.error(`The client ${status === undefined ? "took too long" : `ended with status ${status}`}:\n${output}`);
      process.exitCode = 1;
    }
    return checks;
  }
  const [program, ...args] = rest;
  return mode === "vectors" && program !== undefined ? vectorChecks(await runVectors([program, ...args])) : undefined;
}

function isVersion(text: string): text is SpecVersion {
  return text === "2025-11-25" || text === "2026-07-28";
}
