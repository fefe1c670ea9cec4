import { type AttestationMetadata, AttestationProvider, computeHash, decodeAttestation } from "@attest/core";
import { type Command, Option } from "commander";
import { UsageError } from "../exit.ts";
import { examples, several, wholeNumber } from "../input/options.ts";
import { readInput } from "../input/read-input.ts";
import { readPrivateKey, readPublicKey } from "../input/read-keys.ts";
import { printableJson } from "../terminal/printable.ts";

interface GenerateOptions {
  readonly issuer: string;
  readonly key: string;
  readonly holderKey?: string;
  readonly bearer?: boolean;
  readonly audience?: readonly string[];
  readonly modelFamily: string;
  readonly modelVersion: string;
  readonly provider: string;
  readonly deploymentId?: string;
  readonly enterprise?: string;
  readonly config?: string;
  readonly systemPrompt?: string;
  readonly type: AttestationMetadata["attestationType"];
  readonly safetyLevel: AttestationMetadata["safetyLevel"];
  readonly capability?: readonly string[];
  readonly subject?: string;
  readonly trustDomain?: string;
  readonly lifetime?: number;
  readonly output: "token" | "json" | "full";
  readonly json?: boolean;
}

/** `attest generate`: an attestation, as an authority would make it. */
export function addGenerate(program: Command): void {
  program
    .command("generate")
    .summary("make an attestation, as an authority does")
    .description(
      "Makes an attestation: bound to the agent's key (--holder-key), or as a 0.1.0 bearer token (--bearer), which whoever holds a copy can present once.",
    )
    .requiredOption("--issuer <uri>", "who attests, as verifiers have it configured")
    .requiredOption("--key <file>", "the authority's private key (JWK); - for stdin")
    .option("--holder-key <file>", "the agent's key, public or private (JWK): the attestation is bound to it")
    .option("--bearer", "make a bearer attestation; needs --audience")
    .option("--audience <uri>", "the server it is made out to; may be repeated", several)
    .option("--model-family <name>", "the agent's model family", "example")
    .option("--model-version <name>", "the agent's model version", "example-1")
    .option("--provider <name>", "the agent's model provider", "example")
    .option("--deployment-id <id>", "the agent's deployment")
    .option("--enterprise <org/workload/env>", "the organisation, workload and environment behind the agent")
    .option("--config <file>", "attest the SHA-256 of the agent's configuration")
    .option("--system-prompt <file>", "attest the SHA-256 of the agent's system prompt")
    .addOption(
      new Option("--type <type>", "what the authority is").choices(["provider", "enterprise"]).default("provider"),
    )
    .addOption(
      new Option("--safety-level <level>", "what the authority says of the agent's safety")
        .choices(["standard", "enhanced", "minimal"])
        .default("standard"),
    )
    .option("--capability <name>", "a capability that the agent declares; may be repeated", several)
    .option("--subject <spiffe-id>", "whom it is about (default: spiffe://<trust domain>/model/<model version>)")
    .option("--trust-domain <name>", "SPIFFE trust domain of the default subject (default: <provider>.com)")
    .option("--lifetime <seconds>", "from issue to expiry (default: 300)", wholeNumber(1, 3600))
    .addOption(
      new Option("--output <form>", "the token alone, with a summary as JSON, or with all it says as JSON")
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
  const { issuer, bearer, holderKey, audience, lifetime, subject, trustDomain } = options;
  if ((bearer === true) === (holderKey !== undefined)) {
    throw new UsageError("Either --holder-key, for an attestation bound to the agent's key, or --bearer");
  }
  if (bearer && audience === undefined) throw new UsageError("--bearer needs --audience");
  const provider = new AttestationProvider({ issuer, signer: await readPrivateKey(options.key, "--key") });
  const aud = audience?.length === 1 ? audience[0] : audience;
  const request = {
    identity: {
      modelFamily: options.modelFamily,
      modelVersion: options.modelVersion,
      provider: options.provider,
      ...(options.deploymentId !== undefined && { deploymentId: options.deploymentId }),
      ...(options.enterprise !== undefined && { enterprise: readEnterprise(options.enterprise) }),
    },
    metadata: {
      attestationType: options.type,
      safetyLevel: options.safetyLevel,
      capabilitiesDeclared: options.capability ?? [],
    },
    ...(await readIntegrity(options)),
    ...(subject !== undefined && { subject }),
    ...(trustDomain !== undefined && { trustDomain }),
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

function readEnterprise(text: string): { orgId: string; workloadId: string; deploymentEnv: string } {
  const [orgId, workloadId, deploymentEnv, ...rest] = text.split("/");
  if (!orgId || !workloadId || !deploymentEnv || rest.length > 0) {
    throw new UsageError("--enterprise must be of the form organisation/workload/environment");
  }
  return { orgId, workloadId, deploymentEnv };
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
