import { optionError } from "@attest/core";
import type { EvidenceVerifier } from "./evidence.ts";
import type { RuleChecks } from "./rule-checks.ts";
import { issuerOption, refuseUnknownEvidenceOptions, type TokenOptions, tokenEvidence } from "./token-evidence.ts";

/** Options of `gitlabEvidence`. */
export interface GitLabEvidenceOptions extends TokenOptions {
  /** The instance. Default `https://gitlab.com`. */
  readonly issuer?: string;
  /** Accept rules by the names of projects and groups, which others can take once they are free. Default false. */
  readonly acceptNames?: boolean;
  /** Accept pipelines of merge requests, which can run what a stranger proposed. Default false. */
  readonly acceptMergeRequests?: boolean;
}

const PROPOSED: ReadonlySet<unknown> = new Set(["merge_request_event", "external_pull_request_event"]);
const IDS = ["/project_id", "/namespace_id"];
const CIRCUMSTANCES = ["/ref_protected", "/environment_protected", "/ci_config_ref_uri"];

/**
 * ID tokens of GitLab CI/CD jobs (`id_tokens`).
 *
 * Refused are rules by paths where ids exist, rules that any branch fulfils, subjects with a `*` within the project, and
 * pipelines of merge requests. The audience is written in the pipeline's file, before the agent has a key: `keyBound` works only
 * where a variable of the pipeline carries the thumbprint.
 *
 * Source: GitLab Docs, "OpenID Connect (OIDC) authentication using ID tokens" (token payload).
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function gitlabEvidence(options: GitLabEvidenceOptions): EvidenceVerifier {
  refuseUnknownEvidenceOptions(options, ["issuer", "acceptNames", "acceptMergeRequests"], "GitLab");
  const { acceptNames = false, acceptMergeRequests = false, ...token } = options;
  for (const [name, value] of Object.entries({ acceptNames, acceptMergeRequests })) {
    if (typeof value !== "boolean") throw optionError(name, "must be true or false");
  }
  const issuer = issuerOption(options.issuer ?? "https://gitlab.com");
  const platform = {
    kind: "gitlab",
    issuer,
    algorithms: ["RS256"],
    vet: (claims: Readonly<Record<string, unknown>>) => (acceptMergeRequests ? undefined : vetSource(claims)),
    vetRule: (checks: RuleChecks) => vetRule(checks, acceptNames),
  } as const;
  const fetched = token.jwks === undefined && token.jwksUri === undefined;
  const jwksUri = `${issuer.replace(/\/$/, "")}/oauth/discovery/keys`;
  return tokenEvidence(platform, { ...token, ...(fetched && { jwksUri }) });
}

function vetSource({ pipeline_source: source }: Readonly<Record<string, unknown>>): string | undefined {
  if (typeof source !== "string") return "The token has no `pipeline_source`";
  if (!PROPOSED.has(source)) return undefined;
  return "The pipeline can have been proposed by a stranger (`pipeline_source`, acceptMergeRequests)";
}

function vetRule({ subject, claims = {} }: RuleChecks, acceptNames: boolean): string | undefined {
  if (subject?.endsWith("*") && !/^project_path:[^:*]+:/.test(subject)) {
    return "must name the whole project in its subject before the *: `project_path:GROUP/PROJECT:*`";
  }
  if (!acceptNames && !IDS.some((pointer) => pointer in claims)) {
    return `must check ${IDS.join(" or ")}: a path that became free can be taken by others (acceptNames)`;
  }
  const isByGroup = "/namespace_id" in claims && !("/project_id" in claims);
  if (isByGroup && !("/ci_config_ref_uri" in claims)) {
    return "must check /ci_config_ref_uri or /project_id next to /namespace_id: every project of the group has that";
  }
  const isExactRef =
    subject !== undefined && !subject.endsWith("*") && /^project_path:[^:]+:ref_type:[a-z]+:ref:./.test(subject);
  // A tag can have the name of a branch, and any pipeline can name an environment that is not protected.
  const isTypedRef = "/ref" in claims && "/ref_type" in claims;
  if (isExactRef || isTypedRef || CIRCUMSTANCES.some((pointer) => pointer in claims)) return undefined;
  return `must check one of ${CIRCUMSTANCES.join(", ")}, or /ref with /ref_type: without, anyone who can push a branch is admitted`;
}
