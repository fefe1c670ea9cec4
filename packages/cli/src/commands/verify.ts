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

/** What to do about a refusal, where that is not plain from its message. */
const NEXT: Partial<Readonly<Record<AttestationErrorCode, string>>> = {
  ERR_PROOF_REQUIRED:
    "The attestation itself passed every check. Give the proof that was sent with it (--proof), and what the proof is for (--method or --http).",
  ERR_BEARER_NOT_ALLOWED: "Add --allow-bearer if the server accepts bearer attestations.",
  ERR_FORMAT_NOT_ALLOWED: "If the issuer issues tokens of this format, the server must be configured for it: --format.",
  ERR_ATTESTATION_AUDIENCES: "Add --allow-multiple-audiences if the server accepts several audiences.",
  ERR_ATTESTATION_ALG: "If the issuer signs with another algorithm, the server must be configured for it: --alg.",
  ERR_ISSUER_UNTRUSTED: "`attest inspect` shows the issuer in it; --issuer must be the same, byte for byte.",
  ERR_ATTESTATION_AUDIENCE: "`attest inspect` shows the audience in it; --audience must be the same, byte for byte.",
  ERR_TRUST_DOMAIN: "`attest inspect` shows its subject; --trust-domain must name the domain in the subject.",
  ERR_ATTESTATION_TYPE: "--trust-level must be the type that the attestation gives for its issuer.",
  ERR_KEY_NOT_FOUND:
    "`attest inspect` shows its kid; the key set must have a usable key with that kid. Was the key rotated?",
  ERR_KEY_SOURCE_UNAVAILABLE:
    "There is no usable key set at the --jwks URL. Does curl get one there? For a server on this machine or a private network, add --allow-private-network.",
  ERR_ATTESTATION_SIGNATURE: "It was altered, or signed with another key that has the same kid.",
  ERR_ATTESTATION_EXPIRED: "`attest inspect` shows its times. Ask the authority for a new one.",
  ERR_PROOF_TIME: "A proof is valid for one minute. Create a new one: `attest prove`.",
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
    ];
    const next = NEXT[code];
    if (next !== undefined) rows.push(["next", next]);
    return `${paint(["bold", "red"], "REFUSED")}\n\n${columns(rows)}`;
  }
  return paint(["bold", "yellow"], result.outcome.toUpperCase());
}
