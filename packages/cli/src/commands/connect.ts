import type { Command } from "commander";
import { localToken } from "../connect/local-token.ts";
import { UsageError } from "../exit.ts";
import { examples } from "../input/options.ts";
import { readCredentialFile } from "../input/read-input.ts";
import { readUrl } from "../input/read-url.ts";

interface ConnectOptions {
  readonly audience: string;
  readonly authority: string;
  readonly credentialFile?: string;
  readonly credentialEnv?: string;
  readonly oidcFile?: string;
  readonly rule?: string;
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
    .argument("<url>", "the server's MCP endpoint")
    .requiredOption("--audience <uri>", "the server's resource identifier, exactly as configured there")
    .requiredOption("--authority <url>", "where attestations come from: an authority's /attestations address")
    .option("--credential-file <file>", "the workload's credential there, read again for each attestation")
    .option("--credential-env <name>", "an environment variable with that credential")
    .option("--oidc-file <file>", "a token of the platform, such as a projected one, read again for each attestation")
    .option("--rule <name>", "the authority's rule to ask by")
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
      ),
    )
    .action(run);
}

async function run(argument: string, options: ConnectOptions): Promise<void> {
  const url = readUrl(argument);
  const { audience, authority, rule, listen } = options;
  const { AttestingAgent, httpSource } = await import("@attest/mcp-client");
  const { connect, listenLocally } = await import("@attest/gateway/node");
  const source = httpSource(authority, { credential: credentialOf(options), ...(rule !== undefined && { rule }) });
  const agent = new AttestingAgent({ source });
  if (listen === undefined) {
    if (options.localTokenFile !== undefined || options.tokenInPath)
      throw new UsageError("--local-token-file and --token-in-path need --listen");
    const connection = connect({ agent, audience, url });
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        connection.close();
        process.stdin.destroy();
      });
    }
    await connection.ended;
    return;
  }
  const { localTokenFile, tokenInPath = false } = options;
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
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });
  await served.close(5000);
}

/** What the authority is shown, read when it is: platforms replace their tokens. */
function credentialOf({ credentialFile, credentialEnv, oidcFile }: ConnectOptions): () => string | Promise<string> {
  const given = [credentialFile, credentialEnv, oidcFile].filter((each) => each !== undefined);
  if (given.length !== 1)
    throw new UsageError("Give exactly one of --credential-file, --credential-env and --oidc-file");
  if (credentialEnv !== undefined) {
    const value = process.env[credentialEnv];
    if (value === undefined) throw new UsageError("--credential-env: there is no such environment variable");
    return () => value;
  }
  const [file = "", option] =
    credentialFile === undefined ? [oidcFile, "--oidc-file"] : [credentialFile, "--credential-file"];
  // Stdin is the client's.
  if (file === "-") throw new UsageError(`${option}: must be a file: stdin is what the client writes to`);
  return () => readCredentialFile(file, option as string);
}
