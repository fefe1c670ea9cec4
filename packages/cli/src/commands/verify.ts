import {
  type Algorithm,
  type AttestationErrorCode,
  AttestationVerifier,
  InMemoryReplayCache,
  keyImporterOf,
  SIGNING_ALGORITHMS,
  systemClock,
  type TrustedIssuer,
  type VerificationRequest,
  type VerificationResult,
} from "@attest/core";
import { adviceOf } from "@attest/core/advice";
import { spiffeJwtSvid } from "@attest/core/formats/spiffe-jwt-svid";
import { wimseWit } from "@attest/core/formats/wimse-wit";
import { type Command, Option } from "commander";
import { answerIsBad, UsageError } from "../exit.ts";
import { type KeySourceOptions, openKeySource } from "../input/key-source.ts";
import { examples, several } from "../input/options.ts";
import { addProofRequestOptions, type ProofRequestOptions, readProofSubject } from "../input/proof-request.ts";
import { readCredential } from "../input/read-input.ts";
import { formatInstant, formatRelative } from "../terminal/duration.ts";
import { columns, paint } from "../terminal/paint.ts";
import { printable, printableJson } from "../terminal/printable.ts";

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
  readonly proof?: string;
  readonly json?: boolean;
}

/** `attest verify`: what a server configured in this way would decide. */
export function addVerify(program: Command): void {
  const command = program
    .command("verify")
    .summary("verify an attestation as a server would")
    .description(
      "Verifies an attestation as a server with this configuration would. A bound attestation needs a proof (--proof) and what the proof is for (--method or --http). Each run keeps no memory of earlier runs, so it cannot detect that something was used before.",
    )
    .argument("<token>", "the attestation; - for stdin")
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
    .option("--proof <proof>", "the proof that was sent with a bound attestation; - for stdin");
  addProofRequestOptions(command)
    .option("--json", "print the VerificationResult")
    .addHelpText(
      "after",
      examples(
        "attest verify - --jwks authority-public.json --issuer https://authority.example --trust-domain example.com \\",
        '  --audience https://bank.example/mcp --proof "$(cat proof)" --method tools/list < token',
        "attest verify - --jwks https://authority.example/.well-known/jwks.json --issuer https://authority.example \\",
        "  --trust-domain example.com --audience https://bank.example/mcp --allow-bearer --json < token",
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
    // This process was started to look at a proof, which is older.
    replayCache: new InMemoryReplayCache({ clock: () => 1 }),
  });
  const token = await readCredential(argument, "TOKEN");
  const proof = options.proof === undefined ? undefined : await readCredential(options.proof, "--proof");
  const request: VerificationRequest | undefined = subject && {
    ...subject.request,
    ...subject.bound,
    ...(proof !== undefined && { proof }),
  };
  const result = await verifier.verify(token, request);
  await keyResolver.close?.();
  console.log(options.json ? printableJson(result) : describe(result));
  if (!result.verified) answerIsBad();
}

/** The option of this command that stands for what the advice about a refusal names. */
const FLAGS: Partial<Readonly<Record<AttestationErrorCode, string>>> = {
  ERR_ATTESTATION_ALG: "--alg",
  ERR_ATTESTATION_AUDIENCE: "--audience",
  ERR_ATTESTATION_AUDIENCES: "--allow-multiple-audiences",
  ERR_ATTESTATION_TYPE: "--trust-level",
  ERR_BEARER_NOT_ALLOWED: "--allow-bearer",
  ERR_CLAIM_REQUIRED: "--required-claim",
  ERR_FORMAT_NOT_ALLOWED: "--format",
  ERR_ISSUER_UNTRUSTED: "--issuer",
  ERR_KEY_NOT_FOUND: "--jwks",
  ERR_KEY_SOURCE_UNAVAILABLE: "--jwks; --allow-private-network for a server on this machine or a private network",
  ERR_PROOF_AUDIENCE: "--audience",
  ERR_PROOF_METHOD: "--http",
  ERR_PROOF_REQUIRED: "--proof with the proof that was sent, and --method or --http with what it is for",
  ERR_PROOF_TIME: "--proof; `attest prove` makes a new one",
  ERR_TRUST_DOMAIN: "--trust-domain",
};

function describe(result: VerificationResult): string {
  if (result.outcome === "verified") {
    const { format, trustLevel, issuer, subject, identity, expiresAt, keyThumbprint } = result;
    const agent = identity && `${identity.modelFamily} · ${identity.modelVersion} · ${identity.provider}`;
    const now = systemClock();
    const rows: [string, string][] = [
      ["trust level", trustLevel],
      ["format", format],
      ["issuer", issuer],
      ["subject", subject],
      ...(agent === undefined ? [] : [["agent", agent] as [string, string]]),
      ["lifetime", `expires ${formatRelative(expiresAt, now)} (${formatInstant(expiresAt)})`],
    ];
    if (keyThumbprint !== undefined) rows.push(["agent's key", keyThumbprint]);
    return `${paint(["bold", "green"], "VERIFIED")}\n\n${columns(rows.map(([label, text]) => [label, printable(text)]))}`;
  }
  if (result.outcome === "refused") {
    const { code, reason, message } = result;
    const rows: [string, string][] = [
      ["why", printable(message)],
      ["code", code],
      ["sent to the peer", reason],
      ["next", adviceOf(code)],
    ];
    const flag = FLAGS[code];
    if (flag !== undefined) rows.push(["option here", flag]);
    return `${paint(["bold", "red"], "REFUSED")}\n\n${columns(rows)}`;
  }
  return paint(["bold", "yellow"], result.outcome.toUpperCase());
}
