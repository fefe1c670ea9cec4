import { randomBytes } from "node:crypto";
import type { Command } from "commander";
import { examples } from "../input/options.ts";
import { writeSecret } from "../input/write-secret.ts";
import { printableJson } from "../terminal/printable.ts";

const BYTES = 32;

interface NewOptions {
  readonly out: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `attest ticket-ring`: secrets by which the instances of one server grant and open tickets. */
export function addTicketRing(program: Command): void {
  program
    .command("ticket-ring")
    .summary("create a secret for the ticket ring of a server with several instances")
    .description(
      "Works with the ticket ring of a server: the secrets by which its instances grant tickets and open each other's.",
    )
    .addHelpText("after", examples("attest ticket-ring new --out ring-2026-11"))
    .command("new")
    .summary("create a secret of 32 random bytes")
    .description(
      "Writes a new secret, 32 random bytes as one line of base64url, to a file that only you can read. Anyone who has it can make MAC proofs for attestations that he has seen, and none can be made without one.",
    )
    .requiredOption("--out <file>", "file for the secret; - prints it to stdout")
    .option("--force", "replace the file if it exists")
    .option("--json", "print { file, bytes }")
    .addHelpText(
      "after",
      examples(
        "attest ticket-ring new --out ring-2026-11",
        "attest ticket-ring new --out - | vault kv put secret/bank ring=-",
      ),
    )
    .action(create);
}

async function create({ out, force = false, json = false }: NewOptions): Promise<void> {
  const secret = `${randomBytes(BYTES).toString("base64url")}\n`;
  if (out === "-") {
    process.stdout.write(secret);
    return;
  }
  await writeSecret(out, secret, force);
  if (json) console.log(printableJson({ file: out, bytes: BYTES }));
  else console.error(`The secret is in ${out}, which only you can read. Give it to every instance of the server.`);
}
