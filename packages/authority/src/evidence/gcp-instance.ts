import type { EvidenceVerifier } from "./evidence.ts";
import type { RuleChecks } from "./rule-checks.ts";
import { refuseUnknownEvidenceOptions, type TokenOptions, tokenEvidence } from "./token-evidence.ts";

/** Options of `gcpInstanceEvidence`. */
export type GcpInstanceEvidenceOptions = TokenOptions;

const ISSUER = "https://accounts.google.com";
const JWKS_URI = "https://www.googleapis.com/oauth2/v3/certs";
const INSTANCE = "/google/compute_engine/instance_id";
const PROJECT = "/google/compute_engine/project_number";

/**
 * Identity tokens of Compute Engine instances, from the metadata server with `format=full`.
 *
 * The issuer is that of every Google account, and anybody can have a token for any audience: a rule must name an instance, or a
 * project together with a service account, by their numbers. Tokens without the full form say nothing about the instance and
 * are refused. The metadata server takes any audience, so `keyBound` works.
 *
 * Source: Google Cloud, "Verify the identity of instances" (token contents).
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function gcpInstanceEvidence(options: GcpInstanceEvidenceOptions): EvidenceVerifier {
  refuseUnknownEvidenceOptions(options, [], "GCP instance");
  const fetched = options.jwks === undefined && options.jwksUri === undefined;
  return tokenEvidence(
    { kind: "gcp-instance", issuer: ISSUER, algorithms: ["RS256"], vet: vetToken, vetRule },
    { ...options, ...(fetched && { jwksUri: JWKS_URI }) },
  );
}

function vetToken({ google }: Readonly<Record<string, unknown>>): string | undefined {
  const instance = (google as { compute_engine?: Record<string, unknown> } | null | undefined)?.compute_engine;
  const isFull = typeof instance?.["instance_id"] === "string" && typeof instance["project_number"] === "number";
  return isFull ? undefined : "The token says nothing about an instance: ask for it with format=full";
}

function vetRule({ subject, claims = {} }: RuleChecks): string | undefined {
  if (subject?.endsWith("*")) return "must have a subject without a *: it is a service account's number";
  if (INSTANCE in claims || (PROJECT in claims && subject !== undefined)) return undefined;
  return `must check ${INSTANCE}, or ${PROJECT} and the subject (the number of the service account): names can be made again`;
}
