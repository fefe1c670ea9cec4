import { optionError } from "@attest/core";
import type { EvidenceVerifier } from "./evidence.ts";
import type { RuleChecks } from "./rule-checks.ts";
import { issuerOption, refuseUnknownEvidenceOptions, type TokenOptions, tokenEvidence } from "./token-evidence.ts";

/** Options of `kubernetesEvidence`. */
export interface KubernetesEvidenceOptions extends TokenOptions {
  /** The cluster's issuer: `--service-account-issuer` of its API server. */
  readonly issuer: string;
  /**
   * Accept rules that name service accounts without a `uid`. Anyone who may create service accounts in the namespace can then
   * delete one and become it. Default false.
   */
  readonly acceptNames?: boolean;
}

const UIDS = ["/kubernetes.io/serviceaccount/uid", "/kubernetes.io/pod/uid"];
const NAMESPACE_AND_MORE = /^system:serviceaccount:[a-z0-9-]{1,63}:/;

/**
 * Projected service-account tokens of Kubernetes, from a volume or the TokenRequest API.
 *
 * Refused are the legacy tokens of secrets, which have no audience and never expire, and rules that name what can be deleted
 * and made again where a `uid` exists. A token outlives its pod, and the authority does not ask the cluster: it cannot see that
 * a pod or service account was deleted. Keep `maxAge` and attestations short.
 *
 * Source: Kubernetes, "Managing Service Accounts" and "Configure Service Accounts for Pods" (TokenRequest v1).
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function kubernetesEvidence(options: KubernetesEvidenceOptions): EvidenceVerifier {
  refuseUnknownEvidenceOptions(options, ["issuer", "acceptNames"], "Kubernetes");
  const { acceptNames = false } = options;
  if (typeof acceptNames !== "boolean") throw optionError("acceptNames", "must be true or false");
  const issuer = issuerOption(options.issuer);
  const platform = {
    kind: "kubernetes",
    issuer,
    algorithms: ["RS256", "ES256"],
    vet: vetToken,
    vetRule: (checks: RuleChecks) => vetRule(checks, acceptNames),
  } as const;
  return tokenEvidence(platform, options);
}

function vetToken(claims: Readonly<Record<string, unknown>>): string | undefined {
  const bound = claims["kubernetes.io"] as Record<string, unknown> | undefined;
  if (typeof bound !== "object" || bound === null) {
    return "The token has no `kubernetes.io` claim: it is a legacy token, or none of a service account";
  }
  const { namespace, serviceaccount } = bound as { namespace?: unknown; serviceaccount?: { name?: unknown } | null };
  const subject = `system:serviceaccount:${namespace}:${serviceaccount?.name}`;
  return claims["sub"] === subject
    ? undefined
    : "The token's `sub` is not the service account of its `kubernetes.io` claim";
}

function vetRule({ subject, claims = {} }: RuleChecks, acceptNames: boolean): string | undefined {
  if (subject?.endsWith("*") && !NAMESPACE_AND_MORE.test(subject)) {
    return "must name the whole namespace in its subject before the *: `system:serviceaccount:NAMESPACE:*`";
  }
  if (acceptNames || UIDS.some((pointer) => pointer in claims)) return undefined;
  return `must check ${UIDS.join(" or ")}: who may create service accounts can make one of the same name again (acceptNames)`;
}
