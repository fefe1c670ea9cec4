import { optionError } from "@attest/core";
import type { EvidenceVerifier } from "./evidence.ts";
import type { RuleChecks } from "./rule-checks.ts";
import { issuerOption, refuseUnknownEvidenceOptions, type TokenOptions, tokenEvidence } from "./token-evidence.ts";

/** Options of `awsStsEvidence`. */
export interface AwsStsEvidenceOptions extends TokenOptions {
  /** The account's own issuer, `https://….tokens.sts.global.api.aws`: `aws iam get-outbound-web-identity-federation-info`. */
  readonly issuer: string;
}

const ISSUER = /^https:\/\/[0-9a-z-]+\.tokens\.sts\.global\.api\.aws$/;
/** A role or user of one account, up to its name. */
const PRINCIPAL = /^arn:aws[a-z-]*:iam::\d{12}:(?:role|user)\/[^*]/;
const CALLER_CHOSEN = "/https:~1~1sts.amazonaws.com~1/request_tags";

/**
 * Tokens of AWS STS `GetWebIdentityToken` (outbound identity federation): of roles and users of one account.
 *
 * Refused are subjects that are no role or user of one account, such as sessions, whose names the caller chooses, and checks of
 * `request_tags`, which the caller chooses too. A caller can ask for any audience, so `keyBound` works:
 * `@attest/mcp-client/evidence/aws`.
 *
 * Source: AWS IAM User Guide, "Understanding token claims"; STS API Reference, GetWebIdentityToken.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function awsStsEvidence(options: AwsStsEvidenceOptions): EvidenceVerifier {
  refuseUnknownEvidenceOptions(options, ["issuer"], "AWS STS");
  const issuer = issuerOption(options.issuer);
  if (!ISSUER.test(issuer)) {
    throw optionError("issuer", "must be the account's issuer, https://….tokens.sts.global.api.aws");
  }
  const fetched = options.jwks === undefined && options.jwksUri === undefined;
  return tokenEvidence(
    { kind: "aws-sts", issuer, algorithms: ["RS256", "ES384"], vet: vetToken, vetRule },
    { ...options, ...(fetched && { jwksUri: `${issuer}/.well-known/jwks.json` }) },
  );
}

function vetToken(claims: Readonly<Record<string, unknown>>): string | undefined {
  const details = claims["https://sts.amazonaws.com/"] as { aws_account?: unknown } | undefined;
  const account = /^arn:aws[a-z-]*:iam::(\d{12}):/.exec(String(claims["sub"]))?.[1];
  if (account === undefined) return "The token's `sub` is no role or user of an account";
  return details?.aws_account === account ? undefined : "The token's account is not the one of its `sub`";
}

function vetRule({ subject, claims = {} }: RuleChecks): string | undefined {
  const chosen = Object.keys(claims).find((pointer) => pointer.startsWith(CALLER_CHOSEN));
  if (chosen !== undefined) return "must not check request_tags: the caller chooses them";
  if (subject !== undefined && PRINCIPAL.test(subject)) return undefined;
  return "must have a subject that names a role or user of one account: `arn:aws:iam::ACCOUNT:role/NAME`. Sessions name themselves";
}
