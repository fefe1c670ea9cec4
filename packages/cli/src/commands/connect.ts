import type { AttestingAgent } from "@attest/mcp-client";
import type { Command } from "commander";
import { type CompanionAgentOptions, companionAgent } from "../connect/companion-agent.ts";
import { localToken } from "../connect/local-token.ts";
import { answerIsBad, UsageError } from "../exit.ts";
import { examples, several } from "../input/options.ts";
import { readUrl } from "../input/read-url.ts";
import { variables } from "../input/variables.ts";

interface ConnectOptions extends CompanionAgentOptions {
  readonly audience: string;
  readonly env?: readonly string[];
  readonly listen?: string;
  readonly localTokenFile?: string;
  readonly tokenInPath?: boolean;
}

/** `attest connect`: a companion of an MCP client that nobody changes. */
export function addConnect(program: Command): void {
  program
    .command("connect")
    .summary("attest what an MCP client that nobody changes sends")
    .description(
      "Stands between an MCP client and a server: the client starts it as a server over stdio, or with --listen reaches it over HTTP on this machine, and it attests what goes to the server. With --listen it lends the agent's identity to anyone who shows the local token.",
    )
    .argument("[url]", "the server's MCP endpoint")
    .argument(
      "[command...]",
      "after --, in the place of the URL: starts a server over stdio that verifies what it is sent",
    )
    .requiredOption("--audience <uri>", "the server's resource identifier, exactly as configured there")
    .option("--authority <url>", "where attestations come from: an authority's /attestations address")
    .option("--credential-file <file>", "the workload's credential there, read again for each attestation")
    .option("--credential-env <name>", "an environment variable with that credential")
    .option("--oidc-file <file>", "a token of the platform, such as a projected one, read again for each attestation")
    .option("--rule <name>", "the authority's rule to ask by")
    .option("--attestation <file>", "in the place of --authority: an attestation, read again whenever it is due")
    .option("--holder-key <file>", "with --attestation: the agent's private key (JWK)")
    .option(
      "--env <name[=value]>",
      "a variable for the command, from this environment or with a value; may be repeated",
      several,
    )
    .option("--listen <[host:]port>", "serve HTTP on this machine's loopback, in the place of stdio")
    .option(
      "--local-token-file <file>",
      "with --listen: what clients must show as Bearer; created, 0600, if it is missing",
    )
    .option("--token-in-path", "with --listen: clients show the token in the path, /<token>/mcp")
    .addHelpText(
      "after",
      examples(
        "attest connect https://bank.example/mcp --audience https://bank.example/mcp \\",
        "  --authority https://authority.example/attestations --credential-file credential",
        "attest connect https://bank.example/mcp --audience https://bank.example/mcp --authority https://authority.example/attestations \\",
        "  --oidc-file /var/run/secrets/tokens/authority --listen 8481 --local-token-file local-token",
        "attest connect --audience urn:files --attestation attestation --holder-key agent.json -- ssh files.example guarded-server",
      ),
    )
    .action(run);
}

async function run(
  url: string | undefined,
  rest: readonly string[],
  options: ConnectOptions,
  { parent }: Command,
): Promise<void> {
  // Everything after -- is an argument to the parser too: without it, a mistyped URL would be started.
  const isCommand = (parent as unknown as { readonly rawArgs: readonly string[] }).rawArgs.includes("--");
  if (url === undefined || (!isCommand && rest.length > 0)) throw new UsageError("Give a URL, or -- with a command");
  return isCommand ? connectCommand([url, ...rest], options) : connectUrl(readUrl(url), options);
}

async function connectUrl(url: URL, options: ConnectOptions): Promise<void> {
  const { audience, listen, env } = options;
  if (env !== undefined) throw new UsageError("--env needs -- with a command");
  const agent = await companionAgent(options);
  const { connect } = await import("@attest/gateway/node");
  if (listen !== undefined) return serveLocally(listen, url, agent, options);
  refuseLocalOptions(options);
  const connection = connect({ agent, audience, url });
  onSignal(() => {
    connection.close();
    process.stdin.destroy();
  });
  await connection.ended;
}

async function connectCommand([command = "", ...args]: readonly string[], options: ConnectOptions): Promise<void> {
  const { audience, listen, env = [] } = options;
  if (listen !== undefined) throw new UsageError("--listen needs a URL: a command serves the one client on stdin");
  refuseLocalOptions(options);
  const agent = await companionAgent(options);
  const { connectProcess } = await import("@attest/gateway/node");
  const connection = connectProcess({ agent, audience, command, args, env: variables(env) });
  onSignal(() => void connection.close());
  const byHost = await connection.ended;
  if (!byHost) answerIsBad();
  // Stdin may still be open, and nothing reads it any more.
  process.stdin.destroy();
}

async function serveLocally(
  listen: string,
  url: URL,
  agent: AttestingAgent,
  { audience, localTokenFile, tokenInPath = false }: ConnectOptions,
): Promise<void> {
  const { listenLocally } = await import("@attest/gateway/node");
  if (localTokenFile === undefined)
    throw new UsageError("--listen needs --local-token-file: it lends an identity to anyone who reaches it");
  const token = await localToken(localTokenFile);
  const address = listen.includes(":") ? listen : `127.0.0.1:${listen}`;
  const served = await listenLocally({ agent, audience, url, address, token, tokenInPath }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.syscall === "listen") throw new UsageError(`--listen: cannot listen (${error.code ?? "unknown"})`);
      throw error;
    },
  );
  // The token is in a file, and in nothing that is printed.
  console.log(new URL(tokenInPath ? "<token>/mcp" : "mcp", served.url).href.replace("%3Ctoken%3E", "<token>"));
  await new Promise<void>((resolve) => onSignal(resolve));
  await served.close(5000);
}

function refuseLocalOptions({ localTokenFile, tokenInPath }: ConnectOptions): void {
  if (localTokenFile !== undefined || tokenInPath)
    throw new UsageError("--local-token-file and --token-in-path need --listen");
}

function onSignal(stop: () => void): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
}
