import { type Allow, createDelegation } from "@attest/core";
import type { Command } from "commander";
import { UsageError } from "../exit.ts";
import { examples } from "../input/options.ts";
import { readCredential } from "../input/read-input.ts";
import { readPrivateKey, readPublicKey } from "../input/read-keys.ts";
import { printableJson } from "../terminal/printable.ts";

interface DelegateOptions {
  readonly key: string;
  readonly holderKey: string;
  readonly audience: readonly string[];
  readonly allowTool?: readonly string[];
  readonly allowResource?: readonly string[];
  readonly allowPrompt?: readonly string[];
  readonly allowNothing?: boolean;
  readonly name?: string;
  readonly depth?: string;
  readonly lifetime?: string;
  readonly json?: boolean;
}

/** `attest delegate`: a chain for a sub-agent, as its parent makes it. */
export function addDelegate(program: Command): void {
  program
    .command("delegate")
    .summary("let a sub-agent do a part of what an agent may")
    .description(
      "Signs a delegation for a sub-agent's key and prints the chain: the parent's attestation, or its chain, and the new link. Without " +
        "--allow-… the sub-agent may do everything that its parent may.",
    )
    .argument("<parent>", "the parent's attestation or chain; - for stdin")
    .requiredOption("--key <file>", "the parent's private key (JWK)")
    .requiredOption("--holder-key <file>", "the sub-agent's key (JWK), public or private")
    .requiredOption("--audience <uri...>", "the servers at which it may be used")
    .option("--allow-tool <name...>", "a tool that it may call; a * at the end makes it a prefix")
    .option("--allow-resource <uri...>", "a resource that it may read, likewise")
    .option("--allow-prompt <name...>", "a prompt that it may get, likewise")
    .option("--allow-nothing", "allow nothing that has a name: for lists only")
    .option("--name <text>", "what people and logs call the sub-agent")
    .option("--depth <links>", "how many links may follow; default: one fewer than may follow the parent")
    .option("--lifetime <seconds>", "default, and at most: until the parent expires")
    .option("--json", "print { chain }")
    .addHelpText(
      "after",
      examples(
        "attest delegate - --key agent.json --holder-key worker-public.json --audience https://bank.example/mcp \\",
        "  --allow-tool list_accounts --name reader < token > chain",
        "attest inspect - < chain",
      ),
    )
    .action(delegate);
}

async function delegate(argument: string, options: DelegateOptions): Promise<void> {
  const { audience, name } = options;
  const allow = allowOf(options);
  const [depth, lifetime] = [whole("--depth", options.depth), whole("--lifetime", options.lifetime)];
  const signer = await readPrivateKey(options.key, "--key");
  const confirmationKey = await readPublicKey(options.holderKey, "--holder-key");
  const chain = await createDelegation({
    parent: await readCredential(argument, "PARENT"),
    signer,
    confirmationKey,
    audience,
    ...(allow && { allow }),
    ...(name !== undefined && { name }),
    ...(depth !== undefined && { depth }),
    ...(lifetime !== undefined && { lifetime }),
  });
  console.log(options.json ? printableJson({ chain }) : chain);
}

function allowOf({ allowTool, allowResource, allowPrompt, allowNothing }: DelegateOptions): Allow | undefined {
  const allow: Allow = {
    ...(allowTool && { tools: allowTool }),
    ...(allowResource && { resources: allowResource }),
    ...(allowPrompt && { prompts: allowPrompt }),
  };
  const lists = Object.keys(allow).length;
  if (allowNothing && lists > 0) throw new UsageError("--allow-nothing: give no other --allow-… with it");
  return lists > 0 || allowNothing ? allow : undefined;
}

function whole(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new UsageError(`${option}: must be a whole number`);
}
