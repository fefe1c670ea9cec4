import {
  type AttestationErrorCode,
  AttestationVerifier,
  InMemoryReplayCache,
  type SigningAlgorithm,
  systemClock,
  type TrustedIssuer,
  type VerificationRequest,
  type VerificationResult,
} from "@attest/core";
import { type Command, Option } from "commander";
import { answerIsBad, UsageError } from "../exit.ts";
import { type KeySourceOptions, openKeySource } from "../input/key-source.ts";
import { examples, several } from "../input/options.ts";
import { addProofRequestOptions, type ProofRequestOptions, readProofSubject } from "../input/proof-request.ts";
import { readCredential } from "../input/read-input.ts";
import { formatInstant, formatRelative } from "../terminal/duration.ts";
import { columns, paint } from "../terminal/paint.ts";
import { printable, printableJson } from "../terminal/printable.ts";

interface VerifyOptions extends ProofRequestOptions, KeySourceOptions {
  readonly jwks: string;
  readonly issuer: string;
  readonly trustDomain: readonly [string, ...string[]];
  readonly audience: readonly [string, ...string[]];
  readonly trustLevel: TrustedIssuer["trustLevel"];
  readonly alg?: readonly SigningAlgorithm[];
  readonly requiredClaim?: readonly string[];
  readonly allowBearer?: boolean;
  readonly allowMultipleAudiences?: boolean;
  readonly proof?: string;
  readonly json?: boolean;
}

/** `attest verify`: what a server configured in this way would decide. */
export function addVerify(program: Command): void {
  const command = program
    .command("verify")
    .summary("decide about an attestation as a server would")
    .description(
      "Decides about an attestation as a server with this configuration would. A bound attestation is accepted together with a proof (--proof) and what that is for (--method or --http). Each run is a server of its own: it cannot know what was used elsewhere.",
    )
    .argument("<token>", "the attestation; - for stdin")
    .requiredOption("--jwks <file|url>", "the issuer's public keys: a key set or one key")
    .requiredOption("--issuer <uri>", "the issuer that is trusted")
    .requiredOption("--trust-domain <name>", "a SPIFFE trust domain that it speaks for; may be repeated", several)
    .requiredOption("--audience <uri>", "the server's resource identifier; may be repeated", several)
    .addOption(
      new Option("--trust-level <level>", "how far the issuer is trusted")
        .choices(["provider", "enterprise"])
        .default("provider"),
    )
    .addOption(
      new Option("--alg <name...>", "what the issuer may sign with (default: Ed25519)").choices(["Ed25519", "ES256"]),
    )
    .option("--required-claim <name>", "an optional claim that must be there; may be repeated", several)
    .option("--allow-insecure-http", "fetch keys over http, where whoever is on the way can replace them")
    .option("--allow-private-network", "fetch keys from this machine or a private network")
    .option("--allow-bearer", "accept 0.1.0 bearer attestations")
    .option("--allow-multiple-audiences", "accept attestations that are made out to others too")
    .option("--proof <proof>", "the proof that came with a bound attestation; - for stdin");
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
    throw new UsageError("--proof needs to know what the proof is for: --method or --http");
  }
  const keyResolver = await openKeySource(options.jwks, "--jwks", issuer, options);
  const verifier = new AttestationVerifier({
    trustedIssuers: [{ issuer, trustLevel, trustDomains: options.trustDomain, ...(alg && { algorithms: alg }) }],
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
    "The attestation itself has passed every check. Give the proof that came with it, and what it is for: --proof, --method or --http.",
  ERR_BEARER_NOT_ALLOWED: "A server that accepts them says so: --allow-bearer.",
  ERR_ATTESTATION_AUDIENCES: "A server that accepts them says so: --allow-multiple-audiences.",
  ERR_ATTESTATION_ALG: "If the issuer signs with another algorithm, the server has to be configured for it: --alg.",
  ERR_ISSUER_UNTRUSTED: "`attest inspect` shows the issuer that it names; --issuer must be the same, byte for byte.",
  ERR_ATTESTATION_AUDIENCE:
    "`attest inspect` shows whom it is made out to; --audience must be the same, byte for byte.",
  ERR_TRUST_DOMAIN: "`attest inspect` shows its subject; --trust-domain must name the domain in it.",
  ERR_ATTESTATION_TYPE: "--trust-level must be what the attestation calls its issuer.",
  ERR_KEY_NOT_FOUND: "`attest inspect` shows its kid; the key set must have a usable key of that name. Was it rotated?",
  ERR_KEY_SOURCE_UNAVAILABLE:
    "Nothing usable at the --jwks URL. Does curl get a key set there? Keys of this machine or a private network need --allow-private-network.",
  ERR_ATTESTATION_SIGNATURE: "It was altered, or signed by another key of the same kid.",
  ERR_ATTESTATION_EXPIRED: "`attest inspect` shows its times. Ask the authority for a new one.",
  ERR_PROOF_TIME: "A proof is good for a minute. Make a new one: `attest prove`.",
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
      ["life", `expires ${formatRelative(expiresAt, now)} (${formatInstant(expiresAt)})`],
    ];
    if (keyThumbprint !== undefined) rows.push(["agent's key", keyThumbprint]);
    return `${paint(["bold", "green"], "VERIFIED")}\n\n${columns(rows.map(([label, text]) => [label, printable(text)]))}`;
  }
  if (result.outcome === "refused") {
    const { code, reason, message } = result;
    const rows: [string, string][] = [
      ["why", printable(message)],
      ["code", code],
      ["the peer is told", reason],
    ];
    const next = NEXT[code];
    if (next !== undefined) rows.push(["next", next]);
    return `${paint(["bold", "red"], "REFUSED")}\n\n${columns(rows)}`;
  }
  return paint(["bold", "yellow"], result.outcome.toUpperCase());
}
