import { systemClock } from "@attest/core";
import type { Command } from "commander";
import { credentialsFrom } from "../doctor/credentials.ts";
import { diagnose } from "../doctor/diagnose.ts";
import { examine } from "../doctor/examine.ts";
import { showDiagnosis } from "../doctor/show-diagnosis.ts";
import { answerIsBad, UsageError } from "../exit.ts";
import { type AgentOptions, addAgentOptions, readAgentCredentials } from "../input/agent-options.ts";
import { examples, wholeNumber } from "../input/options.ts";
import { readCredentialFile } from "../input/read-input.ts";
import { readUrl } from "../input/read-url.ts";
import { inspectChain } from "../inspect/inspect-chain.ts";
import { inspectToken } from "../inspect/inspect-token.ts";
import { printableJson } from "../terminal/printable.ts";

interface DoctorOptions extends AgentOptions {
  readonly accessToken?: string;
  readonly origin?: string;
  readonly timeout: number;
  readonly json?: boolean;
}

/** `attest doctor`: what a server advertises, what it demands, and why it refuses a client. */
export function addDoctor(program: Command): void {
  const command = program
    .command("doctor")
    .summary("find out what an MCP server requires, what is misconfigured, and why it refuses a client")
    .description(
      "Asks an MCP server over Streamable HTTP what it says about attestation (`initialize` and `server/discover`), whether it lets a client in without one, and by how much its clock differs. Names what is set up wrongly, as far as it can be seen from outside: a body parser before the gate, routes and spellings of the address around it, requests that are let in, CORS. With credentials, says whether they are accepted and, if not, what the reason can be, whether it grants tickets, and whether it takes a chain of delegations, for which it signs a link that allows nothing. Calls no tool.",
    )
    .argument("<url>", "the server's MCP endpoint");
  addAgentOptions(command)
    .option("--access-token <file>", "a file with an OAuth access token to send along")
    .option("--origin <origin>", "the origin of web pages to ask for CORS (default: one that stands for any)")
    .option("--timeout <seconds>", "how long to wait for each answer", wholeNumber(1, 600), 10)
    .option("--json", "print what was found as JSON")
    .addHelpText(
      "after",
      examples(
        "attest doctor https://bank.example/mcp",
        "attest doctor https://bank.example/mcp --attestation token --holder-key agent.json --audience https://bank.example/mcp",
        "attest doctor https://bank.example/mcp --audience https://bank.example/mcp \\",
        "  --authority https://authority.example/attestations --credential-file credential",
        "attest doctor https://bank.example/mcp --json | jq .demand",
      ),
    )
    .addHelpText(
      "after",
      "\nExit status 1: no MCP server answered, it refused the credentials, or it is misconfigured.",
    )
    .action(doctor);
}

async function doctor(argument: string, options: DoctorOptions): Promise<void> {
  const url = readUrl(argument);
  const { accessToken: file, audience } = options;
  const accessToken = file === undefined ? undefined : await readCredentialFile(file, "--access-token");
  const agent = await readAgentCredentials(options);
  const credentials = agent && credentialsFrom(agent.attestation, agent.signer, audience);
  const weaknesses = agent && (await weaknessesOf(agent.attestation));
  const { origin } = options;
  if (origin !== undefined && !isOrigin(origin)) {
    throw new UsageError("--origin must be a scheme, a host and, if needed, a port, such as https://app.example");
  }
  const examination = await examine(url, { timeoutMs: options.timeout * 1000, accessToken, credentials, origin });
  const diagnosis = diagnose(examination, weaknesses);
  console.log(options.json ? printableJson(diagnosis) : showDiagnosis(diagnosis));
  if (diagnosis.verdict !== "ready") answerIsBad();
}

/** What every verifier refuses in an attestation or a chain, as far as it can be seen without a key. */
async function weaknessesOf(text: string): Promise<string[]> {
  const now = systemClock();
  const chain = text.includes("~") ? await inspectChain(text, now) : undefined;
  const findings = chain ? [...chain.root.findings, ...chain.findings] : (await inspectToken(text, now)).findings;
  return findings.filter(({ level }) => level !== "weak").map(({ message }) => message);
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}
