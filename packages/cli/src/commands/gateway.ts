import { type Command, Option } from "commander";
import { UsageError } from "../exit.ts";
import { runGatewayCommand, runGuardedCommand } from "../gateway/run-command.ts";
import { refuseInsecure } from "../input/key-source.ts";
import { examples, several } from "../input/options.ts";
import { variables } from "../input/variables.ts";
import { wellConfigured } from "../service/well-configured.ts";

interface GatewayOptions {
  readonly config?: string;
  readonly upstream?: string;
  readonly listen?: string;
  readonly publicUrl?: string;
  readonly audience?: string;
  readonly issuer?: string;
  readonly jwks?: string;
  readonly trustDomain?: readonly string[];
  readonly trustLevel: string;
  readonly allowInsecureHttp?: boolean;
  readonly allowPrivateNetwork?: boolean;
  readonly env?: readonly string[];
}

/** `attest gateway`: a guard before an MCP server that nobody changes. */
export function addGateway(program: Command): void {
  program
    .command("gateway")
    .summary("guard an MCP server that nobody changes")
    .description(
      "Runs a guard in front of an MCP server until it is stopped. The first line on stdout is its address; refusals and failures go to stderr as lines of JSON. SIGHUP reads the configuration again, SIGTERM lets calls under way end. With -- and a command, the server is that command: behind HTTP with --listen, a process for each session; without it, for the one agent on stdin and stdout.",
    )
    .argument("[command...]", "after --: a server that speaks over stdio")
    .option("--config <file>", "the configuration, YAML or JSON, in the place of all other options")
    .option("--upstream <url>", "the server's MCP endpoint, which only the gateway may be able to reach")
    .option("--listen <[host:]port>", "where to listen (default host: 127.0.0.1)")
    .option("--public-url <url>", "where agents reach it; its path is the only one that is served")
    .option("--audience <uri>", "the server's resource identifier, as agents have it")
    .option("--issuer <uri>", "the trusted issuer")
    .option("--jwks <file|url>", "the issuer's public keys")
    .option("--trust-domain <name>", "a SPIFFE trust domain that the issuer may attest; may be repeated", several)
    .addOption(
      new Option("--trust-level <level>", "the trust level of the issuer")
        .choices(["provider", "enterprise"])
        .default("provider"),
    )
    .option(
      "--env <name[=value]>",
      "a variable for the command, from this environment or with a value; may be repeated",
      several,
    )
    .option("--allow-insecure-http", "fetch keys over http")
    .option("--allow-private-network", "fetch keys from addresses that are not public")
    .addHelpText(
      "after",
      examples(
        "attest gateway --config gateway.yaml",
        "attest gateway --upstream http://127.0.0.1:9000/mcp --listen 8480 --audience https://bank.example/mcp \\",
        "  --issuer https://authority.example --jwks https://authority.example/.well-known/jwks.json --trust-domain example.com",
        "attest gateway --audience urn:files --issuer https://authority.example --jwks keys.json --trust-domain example.com \\",
        "  -- npx -y @modelcontextprotocol/server-filesystem ./shared",
      ),
    )
    .action((command: readonly string[], options: GatewayOptions) => wellConfigured(() => run(command, options)));
}

/** The schema needs no configuration, which its command demands: so it is a command of its own. */
export function addGatewaySchema(program: Command): void {
  program
    .command("gateway-schema")
    .summary("print the JSON Schema of a gateway's configuration")
    .description("Prints the JSON Schema (2020-12) of the configuration of `attest gateway`, for editors and reviews.")
    .addHelpText("after", examples("attest gateway-schema > gateway.schema.json"))
    .action(async () => {
      const { configurationSchema } = await import("@attest/gateway/node");
      console.log(JSON.stringify(configurationSchema(), null, 2));
    });
}

async function run(command: readonly string[], options: GatewayOptions): Promise<void> {
  const { config } = options;
  if (config !== undefined) {
    if (command.length > 0 || options.upstream !== undefined) throw new UsageError("--config says what the server is");
    return runGatewayCommand(config);
  }
  const written = { configuration: configurationOf(command, options), name: "the options", folder: process.cwd() };
  if (command.length > 0 && options.listen === undefined) return runGuardedCommand(written);
  return runGatewayCommand(written);
}

/** What a configuration file would say. */
function configurationOf(command: readonly string[], options: GatewayOptions): object {
  const { upstream, listen, publicUrl, audience, issuer, jwks = "", trustDomain, trustLevel, env = [] } = options;
  const { allowInsecureHttp = false, allowPrivateNetwork } = options;
  if ((command.length === 0) === (upstream === undefined)) {
    throw new UsageError("Give --config, or either --upstream or -- with a command");
  }
  const missing = Object.entries({ audience, issuer, jwks, "trust-domain": trustDomain }).find(([, value]) => !value);
  if (missing) throw new UsageError(`--${missing[0]} is needed, unless --config says it`);
  refuseInsecure(jwks, "--jwks", allowInsecureHttp);
  return {
    ...(listen !== undefined && { listen: listen.includes(":") ? listen : `127.0.0.1:${listen}` }),
    ...(publicUrl !== undefined && { publicUrl }),
    audience,
    trustedIssuers: [{ issuer, trustLevel, trustDomains: trustDomain, jwks }],
    upstream: upstream === undefined ? { command, env: variables(env) } : { url: upstream },
    ...(allowInsecureHttp && { allowInsecureHttp }),
    ...(allowPrivateNetwork && { allowPrivateNetwork }),
  };
}
