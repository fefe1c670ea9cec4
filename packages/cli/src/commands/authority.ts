import { systemClock } from "@attest/core";
import type { Command } from "commander";
import { runAuthorityCommand } from "../authority/run-command.ts";
import { showExplanations } from "../authority/show-explanations.ts";
import { answerIsBad, UsageError } from "../exit.ts";
import { examples, wholeNumber } from "../input/options.ts";
import { readCredentialFile } from "../input/read-input.ts";
import { wellConfigured } from "../service/well-configured.ts";
import { printable, printableJson } from "../terminal/printable.ts";

interface ConfigOptions {
  readonly config: string;
}

interface ExplainOptions extends ConfigOptions {
  readonly evidence: string;
  readonly rule?: string;
  readonly at?: number;
  readonly json?: boolean;
}

/** `attest authority`: an attestation authority by a configuration file, and what helps to run one. */
export function addAuthority(program: Command): void {
  const command = program
    .command("authority")
    .summary("run an attestation authority by a configuration file")
    .description(
      "Runs an attestation authority until it is stopped. The first line on stdout is its address; what it issues and refuses goes to stderr as lines of JSON. SIGHUP reads the configuration again, SIGTERM lets requests under way end.",
    )
    .requiredOption("--config <file>", "the configuration, YAML or JSON")
    .addHelpText("after", examples("attest authority --config authority.yaml"))
    .action(({ config }: ConfigOptions) => wellConfigured(() => runAuthorityCommand(config)));
  command
    .command("explain")
    .summary("say which rules would admit a piece of evidence, and why the others would not")
    .description(
      "Holds evidence against every rule of a configuration: a dry run, in which nothing is used up and nothing issued. Possession of a key is not looked at.",
    )
    .requiredOption(
      "--evidence <file>",
      "what a workload would send: its platform's token, or another authority's attestation; - for stdin",
    )
    .option("--rule <name>", "only this rule")
    .option("--at <seconds>", "the time to judge by, in Unix seconds (default: now)", wholeNumber(1, 2 ** 40))
    .option("--json", "as JSON")
    .addHelpText("after", examples("attest authority explain --config authority.yaml --evidence token.jwt"))
    .action((_options: object, self: Command) => wellConfigured(() => explain(self.optsWithGlobals<ExplainOptions>())));
  command
    .command("rotate")
    .summary("make the next signing key the current one")
    .description(
      "Rotates the keys in the configuration's key directory: at once if the next key has been published for long enough, else as soon as it has. Processes that share the directory follow within a second.",
    )
    .addHelpText("after", examples("attest authority rotate --config authority.yaml"))
    .action((_options: object, self: Command) => wellConfigured(() => rotate(self.optsWithGlobals<ConfigOptions>())));
}

/** The schema needs no configuration, which its parent command demands: so it is a command of its own. */
export function addAuthoritySchema(program: Command): void {
  program
    .command("authority-schema")
    .summary("print the JSON Schema of an authority's configuration")
    .description(
      "Prints the JSON Schema (2020-12) of the configuration of `attest authority`, for editors and reviews.",
    )
    .addHelpText("after", examples("attest authority-schema > authority.schema.json"))
    .action(async () => {
      const { configurationSchema } = await import("@attest/authority/node");
      console.log(JSON.stringify(configurationSchema(), null, 2));
    });
}

async function explain({ config, evidence, rule, at, json = false }: ExplainOptions): Promise<void> {
  const { explainEvidence } = await import("@attest/authority/node");
  const credential = await readCredentialFile(evidence, "--evidence");
  const clock = at === undefined ? systemClock : () => at;
  const all = await explainEvidence(config, credential, { clock });
  const found = rule === undefined ? all : all.filter((one) => one.rule === rule);
  if (found.length === 0) throw new UsageError(`--rule: ${config} has no rule of that name`);
  console.log(json ? printableJson(found) : showExplanations(found));
  if (!found.some(({ admitted }) => admitted)) answerIsBad();
}

async function rotate({ config }: ConfigOptions): Promise<void> {
  const { rotateKeys } = await import("@attest/authority/node");
  const { kid, signsFrom } = await rotateKeys(config);
  console.log(`${printable(kid)} signs from ${new Date(signsFrom * 1000).toISOString()}`);
}
