import { optionError } from "@attest/core";
import type { EvidenceVerifier } from "./evidence.ts";
import type { RuleChecks } from "./rule-checks.ts";
import { issuerOption, refuseUnknownEvidenceOptions, type TokenOptions, tokenEvidence } from "./token-evidence.ts";

/** Options of `githubActionsEvidence`. */
export interface GitHubActionsEvidenceOptions extends TokenOptions {
  /**
   * Default `https://token.actions.githubusercontent.com`. Another one of an enterprise, or of an Enterprise Server:
   * `https://HOST/_services/token`.
   */
  readonly issuer?: string;
  /**
   * Accept rules by the names of repositories and owners. Anyone who registers a name that became free is then admitted.
   * Default false.
   */
  readonly acceptNames?: boolean;
  /**
   * Accept runs of `pull_request`, `pull_request_target` and `workflow_run`, which can run what a stranger proposed. Default
   * false.
   */
  readonly acceptPullRequests?: boolean;
}

const ISSUER = "https://token.actions.githubusercontent.com";
const PROPOSED: ReadonlySet<unknown> = new Set(["pull_request", "pull_request_target", "workflow_run"]);
const IDS = ["/repository_id", "/repository_owner_id"];
const CIRCUMSTANCES = ["/environment", "/job_workflow_ref", "/ref", "/ref_protected"];

/**
 * Tokens of GitHub Actions jobs (`id-token: write`).
 *
 * Refused are rules by names where ids exist, rules that any branch fulfils, subjects with a `*` within the repository, and runs
 * of pull requests. A job can ask for a token for any audience, so `keyBound` works: `@attest/mcp-client/evidence/github`.
 *
 * Source: GitHub Docs, "OpenID Connect reference" (claims of the token).
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function githubActionsEvidence(options: GitHubActionsEvidenceOptions): EvidenceVerifier {
  refuseUnknownEvidenceOptions(options, ["issuer", "acceptNames", "acceptPullRequests"], "GitHub Actions");
  const { acceptNames = false, acceptPullRequests = false, ...token } = options;
  for (const [name, value] of Object.entries({ acceptNames, acceptPullRequests })) {
    if (typeof value !== "boolean") throw optionError(name, "must be true or false");
  }
  const issuer = issuerOption(options.issuer ?? ISSUER);
  const platform = {
    kind: "github-actions",
    issuer,
    algorithms: ["RS256"],
    vet: (claims: Readonly<Record<string, unknown>>) => (acceptPullRequests ? undefined : vetEvent(claims)),
    vetRule: (checks: RuleChecks) => vetRule(checks, acceptNames),
  } as const;
  const fetched = token.jwks === undefined && token.jwksUri === undefined;
  return tokenEvidence(platform, { ...token, ...(fetched && { jwksUri: `${issuer}/.well-known/jwks` }) });
}

function vetEvent({ event_name: event, sub }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof event !== "string") return "The token has no `event_name`";
  if (!PROPOSED.has(event) && !String(sub).endsWith(":pull_request")) return undefined;
  return "The run can have been proposed by a stranger (`event_name`, acceptPullRequests)";
}

function vetRule({ subject, claims = {} }: RuleChecks, acceptNames: boolean): string | undefined {
  if (subject?.endsWith("*") && !/^repo:[^/:*]+\/[^/:*]+:/.test(subject)) {
    return "must name the whole repository in its subject before the *: `repo:OWNER/REPOSITORY:*`";
  }
  if (!acceptNames && !IDS.some((pointer) => pointer in claims)) {
    return `must check ${IDS.join(" or ")}: a name that became free can be registered by anybody (acceptNames)`;
  }
  const isByOwner = "/repository_owner_id" in claims && !("/repository_id" in claims);
  if (isByOwner && !("/job_workflow_ref" in claims)) {
    return "must check /job_workflow_ref or /repository_id next to /repository_owner_id: every repository has the same owner";
  }
  const hasCircumstance = CIRCUMSTANCES.some((pointer) => pointer in claims) || isExactRef(subject);
  if (hasCircumstance) return undefined;
  return `must check one of ${CIRCUMSTANCES.join(", ")}: without, anyone who can push a branch is admitted`;
}

/** `repo:o/r:environment:x` and `repo:o/r:ref:refs/heads/x`, whole. */
function isExactRef(subject: string | undefined): boolean {
  return subject !== undefined && !subject.endsWith("*") && /^repo:[^:]+:(?:environment|ref):./.test(subject);
}
