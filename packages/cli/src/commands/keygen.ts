import { KeyPair, type SigningAlgorithm } from "@attest/core";
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
    .summary("make a key pair: the private key into a file, the public key to stdout")
    .description(
      "Makes a key pair, of an authority or of an agent. The private key goes into a file that you alone can read, the public key (a JWK, to be published or attested) to stdout.",
    )
    .option("--kid <id>", "the key's name (default: its RFC 7638 thumbprint)")
    .addOption(
      new Option("--alg <name>", "signature algorithm").choices(["Ed25519", "ES256"] as const).default("Ed25519"),
    )
    .option("--out <file>", "where the private key goes; - for stdout, instead of the public key", "attest-key.json")
    .option("--force", "replace the file if there is one")
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
  console.error(`The private key is in ${out}, readable by you alone. The public key:`);
  console.log(printableJson(publicJwk));
}
