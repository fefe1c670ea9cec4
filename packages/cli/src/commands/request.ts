import type { Reason } from "@attest/core";
import { type Command, Option } from "commander";
import { refusalMeaning } from "../doctor/diagnose.ts";
import { answerIsBad, UsageError } from "../exit.ts";
import { type AgentOptions, addAgentOptions, isBearer, readAgentCredentials } from "../input/agent-options.ts";
import { examples, wholeNumber } from "../input/options.ts";
import { parseObject } from "../input/proof-request.ts";
import { readCredentialFile } from "../input/read-input.ts";
import { readUrl } from "../input/read-url.ts";
import type { Answer } from "../request/read-answer.ts";
import { paint } from "../terminal/paint.ts";
import { printable, printableJson } from "../terminal/printable.ts";

interface RequestOptions extends AgentOptions {
  readonly method: string;
  readonly params?: string;
  readonly era: "auto" | "handshake" | "stateless";
  readonly accessToken?: string;
  readonly timeout: number;
  readonly json?: boolean;
}

/** `attest request`: one attested request to a server, and what it answers. */
export function addRequest(program: Command): void {
  const command = program
    .command("request")
    .summary("send one attested request to an MCP server and print its answer")
    .description(
      "Sends one attested request to an MCP server over Streamable HTTP and prints its answer. A server of the handshake era gets an attested `initialize` first, and the session ends afterwards. A `tools/call` is executed.",
    )
    .argument("<url>", "the server's MCP endpoint")
    .option("--method <name>", "the MCP method", "tools/list")
    .option("--params <json>", "its params, as JSON");
  addAgentOptions(command)
    .addOption(
      new Option("--era <era>", "the protocol's era").choices(["auto", "handshake", "stateless"]).default("auto"),
    )
    .option("--access-token <file>", "a file with an OAuth access token to send along")
    .option("--timeout <seconds>", "how long to wait for each answer", wholeNumber(1, 600), 10)
    .option("--json", "print { outcome, verified, status, result or error } as JSON")
    .addHelpText(
      "after",
      examples(
        "attest request https://bank.example/mcp --attestation token --holder-key agent.json --audience https://bank.example/mcp",
        "attest request https://bank.example/mcp --audience https://bank.example/mcp \\",
        "  --authority https://authority.example/attestations --credential-file credential \\",
        '  --method tools/call --params \'{"name":"balance","arguments":{}}\'',
      ),
    )
    .addHelpText("after", "\nExit status 1: the server refused the request, answered with an error, or did not answer.")
    .action(request);
}

async function request(argument: string, options: RequestOptions): Promise<void> {
  const url = readUrl(argument);
  const { method, era, audience } = options;
  const params = options.params === undefined ? {} : parseObject(options.params, "--params");
  const credentials = await readAgentCredentials(options);
  if (!credentials) throw new UsageError("Give --attestation with --holder-key, or --authority");
  const { attestation, signer } = credentials;
  if (isBearer(attestation)) {
    throw new UsageError("A bearer attestation is presented in `initialize` only: see `attest doctor`");
  }
  if (!signer || audience === undefined) throw new UsageError("--attestation needs --holder-key and --audience");
  const { accessToken: file, timeout } = options;
  const accessToken = file === undefined ? undefined : await readCredentialFile(file, "--access-token");
  // Loaded by those who send a request, and by nobody who inspects a token.
  const [{ sendRequest }, { readAnswer }] = await Promise.all([
    import("../request/send-request.ts"),
    import("../request/read-answer.ts"),
  ]);
  const timeoutMs = timeout * 1000;
  const answer = readAnswer(
    await sendRequest({ url, method, params, attestation, signer, audience, era, timeoutMs, accessToken }),
  );
  console.log(options.json ? printableJson(answer) : describe(answer));
  if (answer.outcome !== "result") answerIsBad();
}

function describe(answer: Answer): string {
  const { outcome, verified, trustLevel, status, code, reason, result, error } = answer;
  switch (outcome) {
    case "result": {
      const level = trustLevel === undefined ? "" : `, trust level ${trustLevel}`;
      const how = verified
        ? paint(["bold", "green"], "VERIFIED") + level
        : `${paint(["bold", "yellow"], "ANSWERED")}, not verified as far as the server says`;
      return `${how}\n\n${printableJson(result)}`;
    }
    case "refused":
      return `${paint(["bold", "red"], "REFUSED")} ${printable(reason ?? "")}\n\n${refusalMeaning(reason as Reason)}`;
    case "error":
      return `${paint(["bold", "red"], "ERROR")}${verified ? ", and the agent was verified" : ""}\n\n${printableJson(error)}`;
    case "no-answer":
      return `${paint(["bold", "red"], "NO ANSWER")} ${code ?? `HTTP ${status}, without an MCP answer`}. \`attest doctor\` says more.`;
  }
}
