import { writeFile } from "node:fs/promises";
import { extname } from "node:path";
import {
  type Attack,
  type AttackReport,
  type AttackTarget,
  attacks as catalogue,
  httpTarget,
  reportHtml,
  reportMarkdown,
  reportRows,
  runAttacks,
  stdioTarget,
} from "@attest/attacks";
import { AttestationError, decodeStrictJson, isJsonObject } from "@attest/core";
import { answerIsBad, UsageError } from "../exit.ts";
import { readCredentialFile } from "../input/read-input.ts";
import { splitCommand } from "../input/split-command.ts";
import { paint } from "../terminal/paint.ts";
import { printable, printableJson } from "../terminal/printable.ts";
import type { AttackOptions } from "./attack-options.ts";
import { readAttackCredentials } from "./credentials.ts";
import { ownVerifier } from "./own-verifier.ts";
import { Progress } from "./progress.ts";
import { showReport } from "./show-report.ts";

/** Runs the attacks that the options choose on the target that they name, and tells what came of it. */
export async function runAttack(options: AttackOptions): Promise<void> {
  const attacks = choose(options.only);
  if (options.list) {
    list(attacks, options.json === true);
    return;
  }
  for (const file of options.report ?? []) rendererFor(file);
  const target = await openTarget(options);
  await warnUnlessVerified(target);
  const progress = new Progress(process.stderr);
  let report: AttackReport;
  try {
    report = await runAttacks(target, {
      attacks,
      maxDuration: options.maxDuration,
      onAttack: (next, index, total) => progress.begin(next.id, index + 1, total),
      onResult: (done, { outcome }) => progress.end(done.id, outcome),
    });
  } catch (error) {
    if (error instanceof AttestationError && error.code === "ERR_OPTION") throw error;
    throw new UsageError(`The target cannot be attacked: ${(error as Error).message}`);
  } finally {
    progress.clear();
  }
  for (const file of options.report ?? []) await writeReport(file, report);
  console.log(options.json ? printableJson(toJson(report)) : showReport(report));
  if (report.breached > 0 || report.inconclusive > 0 || report.blocked === 0) answerIsBad();
}

/** Says at once, rather than at the end of a long run, that the honest agent is not verified and nothing will be shown. */
async function warnUnlessVerified(target: AttackTarget): Promise<void> {
  const channel = await target.open();
  const occasion = channel.prepare();
  const { outcome, verified, reason, text } = await occasion.present(await target.agent.credentialsFor(occasion));
  await channel.close();
  if (outcome === "served" && verified) return;
  const answers = {
    served: "served, but not reported as verified",
    refused: `refused: ${reason ?? printable(text.slice(0, 200))}`,
    lost: "not answered",
  };
  const warning = paint("yellow", "Warning:", process.stderr);
  const advice = "so attacks can show nothing. `attest doctor` helps to find out why.";
  console.error(`${warning} the honest agent is ${answers[outcome]}; ${advice}`);
}

function choose(ids: readonly string[] | undefined): readonly Attack[] {
  if (!ids) return catalogue;
  return ids.map((id) => {
    const found = catalogue.find((attack) => attack.id === id);
    if (!found) throw new UsageError(`--only: there is no attack ${id}; list the attacks with --list`);
    return found;
  });
}

function list(attacks: readonly Attack[], json: boolean): void {
  const rows = attacks.map(({ id, name, category, threat }) => ({ id, name, category, threat }));
  if (json) console.log(printableJson(rows));
  else for (const { id, name, threat } of rows) console.log(`${id}\t${threat}\t${name}`);
}

async function openTarget(options: AttackOptions): Promise<AttackTarget> {
  const { url, stdio, audience, era, rate } = options;
  if (url !== undefined && stdio !== undefined) throw new UsageError("give --url or --stdio, not both");
  if (url === undefined && stdio === undefined) return ownVerifier();
  if (audience === undefined) throw new UsageError("give --audience, the server's resource identifier");
  const live = {
    audience,
    credentials: await readAttackCredentials(options),
    era,
    rate,
    timeoutMs: options.timeout * 1000,
    ...(options.tool !== undefined && {
      tool: { name: options.tool, arguments: readArguments(options.toolArguments) },
    }),
  };
  if (stdio !== undefined) {
    const [command, ...args] = splitCommand(stdio, "--stdio");
    return stdioTarget({ ...live, command, args, env: readEnvironment(options.env ?? []) });
  }
  const { accessToken: file } = options;
  const accessToken = file === undefined ? {} : { accessToken: await readCredentialFile(file, "--access-token") };
  return httpTarget({ ...live, url: url ?? "", ...accessToken });
}

function readArguments(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  const { value } = decodeStrictJson(new TextEncoder().encode(text), 64);
  if (isJsonObject(value)) return value;
  throw new UsageError("--tool-arguments must be a JSON object");
}

/** `NAME=value` sets a variable, `NAME` hands this process's own on. */
function readEnvironment(settings: readonly string[]): Record<string, string> {
  const entries = ["PATH", "HOME", ...settings].map((setting): [string, string | undefined] => {
    const at = setting.indexOf("=");
    return at < 0 ? [setting, process.env[setting]] : [setting.slice(0, at), setting.slice(at + 1)];
  });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

function rendererFor(file: string): (report: AttackReport) => string {
  switch (extname(file).toLowerCase()) {
    case ".html":
      return reportHtml;
    case ".md":
      return reportMarkdown;
    default:
      throw new UsageError("--report must end in .html or .md");
  }
}

async function writeReport(file: string, report: AttackReport): Promise<void> {
  try {
    await writeFile(file, rendererFor(file)(report));
  } catch (error) {
    throw new UsageError(`Cannot write ${file} (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
  }
}

function toJson(report: AttackReport): object {
  const { target, startedAt, duration, blocked, breached, inconclusive, notRun } = report;
  const results = reportRows(report).filter(({ outcome }) => outcome !== "not run");
  return {
    target,
    startedAt,
    duration,
    blocked,
    breached,
    inconclusive,
    results,
    notRun: notRun.map(({ attack, why }) => ({ id: attack.id, why })),
  };
}
