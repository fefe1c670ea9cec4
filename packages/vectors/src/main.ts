#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { DriverError } from "./driver.ts";
import type { Profile } from "./profile.ts";
import { tableOf } from "./report.ts";
import { runVectors } from "./run-vectors.ts";
import { FILES, type FileName } from "./vector.ts";

const USAGE = `Usage: attest-vectors run [options] -- COMMAND [ARGUMENT ...]

Starts COMMAND and asks it about every vector, a JSON object a line. Ends with status 0 if it agrees with all of them, 1 if it
does not, 2 if it could not be asked.

  --files LIST      files to ask about, joined by commas: ${Object.keys(FILES).join(",")}
  --profile NAME    full (default) or constrained: bound attestations, Ed25519, proofs in the message, policy required
  --codes           a code that differs is a disagreement too
  --supported       what is not supported is a disagreement too
  --show N          differences to show (default 20)
  --timeout MS      longest time for one answer (default 10000)
  --json            write the report as JSON
  --version         tell the version
`;

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof DriverError || isUsage(error))) throw error;
  process.stderr.write(`${error.message}\n${isUsage(error) ? `\n${USAGE}` : ""}`);
  process.exitCode = 2;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      files: { type: "string" },
      profile: { type: "string", default: "full" },
      codes: { type: "boolean", default: false },
      supported: { type: "boolean", default: false },
      show: { type: "string", default: "20" },
      timeout: { type: "string", default: "10000" },
      json: { type: "boolean", default: false },
      version: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (values.version) {
    const manifest = new URL("../package.json", import.meta.url);
    process.stdout.write(`${JSON.parse(readFileSync(manifest, "utf8")).version}\n`);
    return 0;
  }
  const [command, program, ...args] = positionals;
  if (command !== "run" || program === undefined)
    throw usage("Say which command to ask: attest-vectors run -- COMMAND");
  const show = numberOf("--show", values.show);
  const reports = await runVectors([program, ...args], {
    ...(values.files !== undefined && { files: values.files.split(",").map(fileOf) }),
    profile: profileOf(values.profile),
    timeout: numberOf("--timeout", values.timeout),
  });
  if (values.json) process.stdout.write(`${JSON.stringify(reports, undefined, 2)}\n`);
  else process.stdout.write(tableOf(reports, show));
  const wrong = reports.some(
    ({ code, unsupported, differences }) =>
      differences.length > code || (values.codes && code > 0) || (values.supported && unsupported > 0),
  );
  return wrong ? 1 : 0;
}

function fileOf(name: string): FileName {
  if (Object.hasOwn(FILES, name)) return name as FileName;
  throw usage(`--files: there is no file ${name}`);
}

function profileOf(name: string): Profile {
  if (name === "full" || name === "constrained") return name;
  throw usage(`--profile: full or constrained, not ${name}`);
}

function numberOf(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw usage(`${option}: a whole number, not ${text}`);
}

function usage(message: string): Error {
  return Object.assign(new Error(message), { code: "ERR_PARSE_ARGS_USAGE" });
}

function isUsage(error: unknown): error is Error {
  return error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith("ERR_PARSE_ARGS");
}
