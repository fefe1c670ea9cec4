import {
  type Algorithm,
  AttestationVerifier,
  InMemoryReplayCache,
  keyImporterOf,
  SIGNING_ALGORITHMS,
  type TrustedIssuer,
  type VerificationRequest,
  type VerifierOptions,
} from "@attest/core";
import { spiffeJwtSvid } from "@attest/core/formats/spiffe-jwt-svid";
import { wimseWit } from "@attest/core/formats/wimse-wit";
import { type Command, Option } from "commander";
import { answerIsBad, UsageError } from "../exit.ts";
import { type KeySourceOptions, openKeySource } from "../input/key-source.ts";
import { examples, several, wholeNumber } from "../input/options.ts";
import { addProofRequestOptions, type ProofRequestOptions, readProofSubject } from "../input/proof-request.ts";
import { readCredential } from "../input/read-input.ts";
import { printableJson } from "../terminal/printable.ts";
import { judgeChain } from "../verify/judge-chain.ts";
import { showVerdict } from "../verify/show-verdict.ts";

/** What an issuer may issue, by the name of its format. */
const FORMATS = {
  attestation: "attestation",
  bearer: "bearer",
  "spiffe-jwt-svid": spiffeJwtSvid,
  "wimse-wit": wimseWit,
} as const;

/** Every name of an algorithm that one of them can be signed with. */
const ALGORITHMS = [...new Set([...SIGNING_ALGORITHMS, ...spiffeJwtSvid.algorithms.values()])];

interface VerifyOptions extends ProofRequestOptions, KeySourceOptions {
  readonly jwks: string;
  readonly issuer: string;
  readonly trustDomain: readonly [string, ...string[]];
  readonly audience: readonly [string, ...string[]];
  readonly trustLevel: TrustedIssuer["trustLevel"];
  readonly alg?: readonly Algorithm[];
  readonly requiredClaim?: readonly string[];
  readonly format?: readonly (keyof typeof FORMATS)[];
  readonly allowBearer?: boolean;
  readonly allowMultipleAudiences?: boolean;
  readonly maxDelegationDepth: NonNullable<VerifierOptions["maxDelegationDepth"]>;
  readonly proof?: string;
  readonly json?: boolean;
}

/** `attest verify`: what a server configured in this way would decide. */
export function addVerify(program: Command): void {
  const command = program
    .command("verify")
    .summary("verify an attestation as a server would")
    .description(
      "Verifies an attestation, or a chain of delegations, as a server with this configuration would. Of a chain it says which part is refused. A bound attestation and a chain need a proof (--proof) and what the proof is for (--method or --http). Each run keeps no memory of earlier runs, so it cannot detect that something was used before.",
    )
    .argument("<token>", "the attestation or chain; - for stdin")
    .requiredOption("--jwks <file|url>", "the issuer's public keys: a key set or one key")
    .requiredOption("--issuer <uri>", "the trusted issuer")
    .requiredOption(
      "--trust-domain <name>",
      "a SPIFFE trust domain that the issuer may attest; may be repeated",
      several,
    )
    .requiredOption("--audience <uri>", "the server's resource identifier; may be repeated", several)
    .addOption(
      new Option("--trust-level <level>", "the trust level of the issuer")
        .choices(["provider", "enterprise"])
        .default("provider"),
    )
    .addOption(
      new Option(
        "--alg <name...>",
        "algorithms that the issuer may sign with (default: Ed25519; for foreign formats, those of SPIFFE)",
      ).choices(ALGORITHMS),
    )
    .addOption(
      new Option("--format <name...>", "kinds of token that the issuer may issue (default: attestation)")
        .choices(Object.keys(FORMATS))
        .conflicts("allowBearer"),
    )
    .option("--required-claim <name>", "an optional claim that must be present; may be repeated", several)
    .option("--allow-insecure-http", "fetch keys over http, where anyone on the network path can replace them")
    .option("--allow-private-network", "fetch keys from this machine or a private network")
    .option("--allow-bearer", "accept 0.1.0 bearer attestations")
    .option("--allow-multiple-audiences", "accept attestations that are issued for other audiences too")
    .option(
      "--max-delegation-depth <links>",
      "accept chains of delegations with so many links, at most 4",
      wholeNumber(0, 4),
      0,
    )
    .option("--proof <proof>", "the proof that was sent with a bound attestation; - for stdin");
  addProofRequestOptions(command)
    .option("--json", "print the VerificationResult; of a chain with `chain`, the outcome of each part")
    .addHelpText(
      "after",
      examples(
        "attest verify - --jwks authority-public.json --issuer https://authority.example --trust-domain example.com \\",
        '  --audience https://bank.example/mcp --proof "$(cat proof)" --method tools/list < token',
        "attest verify - --jwks https://authority.example/.well-known/jwks.json --issuer https://authority.example \\",
        "  --trust-domain example.com --audience https://bank.example/mcp --allow-bearer --json < token",
        "attest verify - --jwks authority-public.json --issuer https://authority.example --trust-domain example.com \\",
        "  --audience https://bank.example/mcp --max-delegation-depth 2 < chain",
      ),
    )
    .action(verify);
}

async function verify(argument: string, options: VerifyOptions): Promise<void> {
  const { issuer, trustLevel, alg } = options;
  const subject = await readProofSubject(options);
  if (options.proof !== undefined && !subject) {
    throw new UsageError("--proof needs what the proof is for: --method or --http");
  }
  const formats = options.format?.map((name) => FORMATS[name]);
  const keySource = { ...options, importKey: keyImporterOf(formats) };
  const keyResolver = await openKeySource(options.jwks, "--jwks", issuer, keySource);
  const verifier = new AttestationVerifier({
    trustedIssuers: [
      {
        ...{ issuer, trustLevel, trustDomains: options.trustDomain },
        ...(alg && { algorithms: alg }),
        ...(formats && { formats }),
      },
    ],
    keyResolver,
    audience: options.audience,
    allowBearer: options.allowBearer ?? false,
    allowMultipleAudiences: options.allowMultipleAudiences ?? false,
    requiredClaims: options.requiredClaim ?? [],
    maxDelegationDepth: options.maxDelegationDepth,
    // This process was started to look at a proof, which is older.
    replayCache: new InMemoryReplayCache({ clock: () => 1 }),
  });
  const token = await readCredential(argument, "TOKEN");
  const proof = options.proof === undefined ? undefined : await readCredential(options.proof, "--proof");
  const request: VerificationRequest | undefined = subject && {
    ...subject.request,
    ...subject.bound,
    ...(subject.dispatched && { dispatched: subject.dispatched }),
    ...(proof !== undefined && { proof }),
  };
  const result = await verifier.verify(token, request);
  const chain = token.includes("~") ? await judgeChain(verifier, token) : undefined;
  await keyResolver.close?.();
  console.log(options.json ? printableJson({ ...result, ...(chain && { chain }) }) : showVerdict(result, chain));
  if (!result.verified) answerIsBad();
}
