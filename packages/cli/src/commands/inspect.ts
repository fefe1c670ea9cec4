import { systemClock } from "@attest/core";
import type { Command } from "commander";
import { answerIsBad } from "../exit.ts";
import { examples } from "../input/options.ts";
import { readCredential } from "../input/read-input.ts";
import { inspectChain, showChain } from "../inspect/inspect-chain.ts";
import { inspectToken } from "../inspect/inspect-token.ts";
import type { Remark } from "../inspect/remark.ts";
import { showInspection } from "../inspect/show-inspection.ts";
import { printableJson } from "../terminal/printable.ts";

/** `attest inspect`: what a token says, and every weakness that can be seen without verifying it. */
export function addInspect(program: Command): void {
  program
    .command("inspect")
    .summary("show what a token says, without verifying it")
    .description(
      "Shows what an attestation or a proof says, and every weakness that shows without a key. Verifies nothing and uses no network.",
    )
    .argument("<token>", "the attestation, chain or proof; - for stdin")
    .option("--json", "print what was found as JSON")
    .addHelpText("after", examples("attest inspect - < token", "attest inspect - --json < token | jq .findings"))
    .addHelpText("after", "\nExit status 1: the text is malformed, so that every reader of this protocol refuses it.")
    .action(async (argument: string, { json }: { json?: boolean }) => {
      const text = await readCredential(argument, "TOKEN");
      const findings = text.includes("~") ? await tellChain(text, json) : await tellToken(text, json);
      if (findings.some(({ level }) => level === "malformed")) answerIsBad();
    });
}

async function tellToken(text: string, json = false): Promise<readonly Remark[]> {
  const inspection = await inspectToken(text, systemClock());
  console.log(json ? printableJson(inspection) : showInspection(inspection));
  return inspection.findings;
}

async function tellChain(text: string, json = false): Promise<readonly Remark[]> {
  const inspection = await inspectChain(text, systemClock());
  console.log(json ? printableJson(inspection) : showChain(inspection));
  return [...inspection.root.findings, ...inspection.findings];
}
