import { KeyPair, SIGNING_ALGORITHMS, type SigningAlgorithm } from "@attest/core";
import { type Command, Option } from "commander";
import { examples } from "../input/options.ts";
import { writeSecret } from "../input/write-secret.ts";
import { printableJson } from "../terminal/printable.ts";

interface KeygenOptions {
  readonly kid?: string;
  readonly alg: SigningAlgorithm;
  readonly out: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `attest keygen`: a private key in a file, its public half on stdout. */
export function addKeygen(program: Command): void {
  program
    .command("keygen")
    .summary("create a key pair: the private key in a file, the public key on stdout")
    .description(
      "Creates a key pair for an authority or an agent. Writes the private key to a file that only you can read, and the public key (a JWK, to publish or to have attested) to stdout.",
    )
    .option("--kid <id>", "the key's name (default: its RFC 7638 thumbprint)")
    .addOption(new Option("--alg <name>", "signature algorithm").choices(SIGNING_ALGORITHMS).default("Ed25519"))
    .option(
      "--out <file>",
      "file for the private key; - prints it to stdout instead of the public key",
      "attest-key.json",
    )
    .option("--force", "replace the file if it exists")
    .option("--json", "print { kid, algorithm, file, publicJwk }")
    .addHelpText(
      "after",
      examples(
        "attest keygen --out authority.json --kid 2026-11 > authority-public.json",
        "attest keygen --out agent.json > agent-public.json",
        "attest keygen --out - | vault kv put secret/agent key=-",
      ),
    )
    .action(keygen);
}

async function keygen({ kid, alg, out, force = false, json = false }: KeygenOptions): Promise<void> {
  const keyPair = await KeyPair.generate({ algorithm: alg, ...(kid !== undefined && { kid }) });
  const secret = `${JSON.stringify(await keyPair.toPrivateJwk(), null, 2)}\n`;
  if (out === "-") {
    process.stdout.write(secret);
    return;
  }
  await writeSecret(out, secret, force);
  const publicJwk = keyPair.toJwk();
  if (json) {
    console.log(printableJson({ kid: keyPair.kid, algorithm: keyPair.algorithm, file: out, publicJwk }));
    return;
  }
  console.error(`The private key is in ${out}, which only you can read. The public key:`);
  console.log(printableJson(publicJwk));
}
