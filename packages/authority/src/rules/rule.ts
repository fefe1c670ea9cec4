import type { AgentIdentity, AgentIntegrity, AttestationMetadata } from "@attest/core";
import type { RuleChecks } from "../evidence/rule-checks.ts";

/** Facts that are taken from the evidence, each by the pointer to a claim that must be a string. Nothing else is copied. */
export interface CopiedFacts {
  /** `identity.deploymentId`. Default: what the rule says. */
  readonly deploymentId?: string;
  /** `identity.enterprise.workloadId`. The identity must have `enterprise`. */
  readonly workloadId?: string;
  /** `integrity.configHash`. Default: what the rule says. */
  readonly configHash?: string;
  /** `integrity.systemPromptHash`. Default: what the rule says. */
  readonly systemPromptHash?: string;
}

/** What is attested of a workload that a rule admits. The request decides nothing but the key and, if allowed, the audience. */
export interface Attested {
  /** Which model the workload runs, and where. */
  readonly identity: AgentIdentity;
  /** Which kind of authority this is; verifiers must trust it as the same. Default `provider`. */
  readonly attestationType?: AttestationMetadata["attestationType"];
  /** The level of safety measures that is stated. Default `standard`. */
  readonly safetyLevel?: AttestationMetadata["safetyLevel"];
  /** What the agent is declared to be able to do. Default: nothing. */
  readonly capabilities?: readonly string[];
  /** Digests of what the agent was set up with. Default: none are stated. */
  readonly integrity?: AgentIntegrity;
  /** A SPIFFE ID. Default: made from the trust domain and the identity. */
  readonly subject?: string;
  /** Default: the one of `subject`, or `<provider>.com` for providers that are one label of a domain name. */
  readonly trustDomain?: string;
  /** The servers that the workload may ask attestations for. Default: any, or none in particular. */
  readonly audiences?: readonly string[];
  /** Seconds, from 30 to 3600. Default: the authority's `tokenLifetime`. */
  readonly lifetime?: number;
  /** Facts that differ from workload to workload. Default: none. */
  readonly copy?: CopiedFacts;
  /**
   * Embed the attestation that is the evidence, so that servers which trust both authorities know both statements: the outcome is an
   * enterprise's attestation around a provider's of the same model (SPEC §20). The evidence must be of kind `attestation`. Default false.
   */
  readonly nest?: boolean;
  /** How many links of delegation may follow, 0–4; 0 forbids delegation to sub-agents (SPEC §21). Default: 4, without saying so. */
  readonly maxDelegationDepth?: number;
}

/** Who is admitted by which evidence, and what is attested of it. */
export interface Rule extends RuleChecks {
  /** 1–64 of a–z, 0–9 and -. Callers ask by it, and it is written to the audit log. */
  readonly name: string;
  /** The name of the evidence that is demanded: a member of `AuthorityOptions.evidence`. */
  readonly evidence: string;
  /** Whether this is the rule of callers that name none. At most one is. Default false. */
  readonly default?: boolean;
  /** What is attested of a workload that meets the checks. */
  readonly attest: Attested;
}
