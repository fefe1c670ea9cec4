import { AttestationIssuer, computeHash, decodeAttestation } from "@attest/core";
import { type Command, Option } from "commander";
import { UsageError } from "../exit.ts";
import { addIdentityOptions, type IdentityOptions, readIdentity } from "../input/identity-options.ts";
import { examples, several, wholeNumber } from "../input/options.ts";
import { readInput } from "../input/read-input.ts";
import { readPrivateKey, readPublicKey } from "../input/read-keys.ts";
import { printableJson } from "../terminal/printable.ts";

interface GenerateOptions extends IdentityOptions {
  readonly issuer: string;
  readonly key: string;
  readonly holderKey?: string;
  readonly bearer?: boolean;
  readonly audience?: readonly string[];
  readonly config?: string;
  readonly systemPrompt?: string;
  readonly capability?: readonly string[];
  readonly lifetime?: number;
  readonly output: "token" | "json" | "full";
  readonly json?: boolean;
}

/** `attest generate`: an attestation, as an authority would make it. */
export function addGenerate(program: Command): void {
  const command = program
    .command("generate")
    .summary("issue an attestation, as an authority does")
    .description(
      "Issues an attestation: bound to the agent's key (--holder-key), or a 0.1.0 bearer token (--bearer), which anyone who has a copy can present once.",
    )
    .requiredOption("--issuer <uri>", "the issuer, exactly as verifiers have it configured")
    .requiredOption("--key <file>", "the authority's private key (JWK); - for stdin")
    .option("--holder-key <file>", "the agent's key, public or private (JWK), to bind the attestation to")
    .option("--bearer", "issue a bearer attestation; needs --audience")
    .option("--audience <uri>", "the server that it is issued for; may be repeated", several);
  addIdentityOptions(command)
    .option("--config <file>", "include the SHA-256 of the agent's configuration")
    .option("--system-prompt <file>", "include the SHA-256 of the agent's system prompt")
    .option("--capability <name>", "a capability that the agent declares; may be repeated", several)
    .option("--lifetime <seconds>", "from issue to expiry (default: 300)", wholeNumber(1, 3600))
    .addOption(
      new Option(
        "--output <form>",
        "print the token only, the token with a summary (JSON), or the token with its whole content (JSON)",
      )
        .choices(["token", "json", "full"])
        .default("token"),
    )
    .option("--json", "the same as --output json")
    .addHelpText(
      "after",
      examples(
        "attest generate --issuer https://authority.example --key authority.json --holder-key agent-public.json",
        "attest generate --issuer https://authority.example --key authority.json --bearer --audience https://bank.example/mcp \\",
        "  --model-family example --model-version example-2 --provider example --lifetime 60 | attest inspect -",
      ),
    )
    .action(generate);
}

async function generate(options: GenerateOptions): Promise<void> {
  const { issuer, bearer, holderKey, audience, lifetime, capability = [] } = options;
  if ((bearer === true) === (holderKey !== undefined)) {
    throw new UsageError("Give exactly one of --holder-key, for an attestation bound to the agent's key, and --bearer");
  }
  if (bearer && audience === undefined) throw new UsageError("--bearer needs --audience");
  const provider = new AttestationIssuer({ issuer, signer: await readPrivateKey(options.key, "--key") });
  const aud = audience?.length === 1 ? audience[0] : audience;
  const about = readIdentity(options);
  const request = {
    ...about,
    metadata: { ...about.metadata, capabilitiesDeclared: capability },
    ...(await readIntegrity(options)),
    ...(lifetime !== undefined && { lifetime }),
  };
  const token = await provider.createToken(
    holderKey === undefined
      ? { ...request, bearer: true, audience: aud ?? [] }
      : {
          ...request,
          confirmationKey: await readPublicKey(holderKey, "--holder-key"),
          ...(aud !== undefined && { audience: aud }),
        },
  );
  show(token, options);
}

function show(token: string, { output, json }: GenerateOptions): void {
  if (output === "token" && !json) {
    console.log(token);
    return;
  }
  const { profile, header, claims } = decodeAttestation(token);
  const summary = { token, profile, issuer: claims?.iss, subject: claims?.sub, expiresAt: claims?.exp };
  console.log(printableJson(output === "full" ? { ...summary, header, claims } : summary));
}

async function readIntegrity({ config, systemPrompt }: GenerateOptions): Promise<object> {
  if (config === undefined && systemPrompt === undefined) return {};
  const hash = async (file: string, option: string) => computeHash((await readInput(file, option)).toString("utf8"));
  return {
    integrity: {
      ...(config !== undefined && { configHash: await hash(config, "--config") }),
      ...(systemPrompt !== undefined && { systemPromptHash: await hash(systemPrompt, "--system-prompt") }),
    },
  };
}
