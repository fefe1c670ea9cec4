import { createProof, HTTP_FIELDS } from "@attest/core";
import type { Command } from "commander";
import { UsageError } from "../exit.ts";
import { examples } from "../input/options.ts";
import { addProofRequestOptions, type ProofRequestOptions, readProofSubject } from "../input/proof-request.ts";
import { readCredential } from "../input/read-input.ts";
import { readPrivateKey } from "../input/read-keys.ts";
import { printableJson } from "../terminal/printable.ts";

interface ProveOptions extends ProofRequestOptions {
  readonly holderKey: string;
  readonly audience: string;
  readonly headers?: boolean;
  readonly json?: boolean;
}

/** `attest prove`: the proof that goes with one use of a bound attestation, as an agent makes it. */
export function addProve(program: Command): void {
  const command = program
    .command("prove")
    .summary("create the proof for one use of a bound attestation, as an agent does")
    .description(
      "Creates the proof for one message (--method) or one HTTP request (--http). It is valid once, for one minute.",
    )
    .argument("<token>", "the attestation; - for stdin")
    .requiredOption("--holder-key <file>", "the agent's private key (JWK) that the attestation is bound to")
    .requiredOption("--audience <uri>", "the server's resource identifier, exactly as configured there");
  addProofRequestOptions(command)
    .option("--headers", "print both HTTP fields, in the form that `curl --header @-` reads")
    .option("--json", "print { attestation, proof }")
    .addHelpText(
      "after",
      examples(
        "attest prove - --holder-key agent.json --audience https://bank.example/mcp --method tools/list < token",
        "attest prove - --holder-key agent.json --audience https://bank.example/mcp --http POST --body request.json --headers \\",
        "  < token | curl --header @- --json @request.json https://bank.example/mcp",
      ),
    )
    .action(prove);
}

async function prove(token: string, options: ProveOptions): Promise<void> {
  const subject = await readProofSubject(options);
  if (!subject) throw new UsageError("Say what the proof is for: --method or --http");
  if (options.headers && options.http === undefined) throw new UsageError("--headers needs --http");
  const signer = await readPrivateKey(options.holderKey, "--holder-key");
  const attestation = await readCredential(token, "TOKEN");
  const { audience } = options;
  const proof = await createProof({ attestation, signer, audience, request: subject.request, ...subject.bound });
  if (options.json) console.log(printableJson({ attestation, proof }));
  else if (options.headers) console.log(`${HTTP_FIELDS.attestation}: ${attestation}\n${HTTP_FIELDS.proof}: ${proof}`);
  else console.log(proof);
}
