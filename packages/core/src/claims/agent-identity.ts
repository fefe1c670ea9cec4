import { optionError } from "../errors.ts";
import type { ClaimReader, Writable } from "./claim-reader.ts";
import { spiffeId } from "./spiffe-id.ts";

/** Which model calls, and where it was deployed: the authority's statement about the agent. */
export interface AgentIdentity {
  /**
   * The family of the model, in its provider's words, by which several versions belong together. All texts here are
   * 1–256 characters of printable ASCII.
   */
  readonly modelFamily: string;
  /** The exact model, in its provider's words. It is the last segment of the default SPIFFE ID. */
  readonly modelVersion: string;
  /** The provider that runs the model. The default trust domain is `<provider>.com`. */
  readonly provider: string;
  /** Which deployment of the model calls. Absent where the authority does not say. */
  readonly deploymentId?: string;
  /** The organisation and workload behind an agent that an enterprise attests. Not in bearer attestations. */
  readonly enterprise?: {
    /** The organisation, as the enterprise's authority names it. */
    readonly orgId: string;
    /** The workload that the agent runs as, as that authority names it. */
    readonly workloadId: string;
    /** The environment that it runs in, such as `production`. */
    readonly deploymentEnv: string;
  };
}

/** One label of a domain name, in lower case: RFC 1123 §2.1. */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The SPIFFE ID of an identity: `spiffe://<trust domain>/model/<model version>`.
 *
 * @param identity The identity. Its `modelVersion` is the last segment of the path.
 * @param trustDomain Default: `<provider>.com`.
 * @throws AttestationError `ERR_OPTION` naming `trustDomain` if none is given and the provider is not one label of a domain
 * name in lower case, or `subject` if SPIFFE's grammar cannot hold the model version; pass the one it names.
 */
export function toSpiffeId(identity: AgentIdentity, trustDomain: string = defaultTrustDomain(identity)): string {
  return spiffeId(trustDomain, ["model", identity.modelVersion]);
}

function defaultTrustDomain({ provider }: AgentIdentity): string {
  if (LABEL.test(provider)) return `${provider}.com`;
  const shown = JSON.stringify(String(provider).slice(0, 100));
  throw optionError(
    "trustDomain",
    `must be given: it is <provider>.com by default, and the provider ${shown} is not one label of a domain name`,
  );
}

export function readAgentIdentity(reader: ClaimReader): AgentIdentity {
  const identity = reader.object("agent_identity");
  const deploymentId = identity.optionalText("deployment_id");
  const enterprise = identity.optionalObject("enterprise");
  const read: Writable<AgentIdentity> = {
    modelFamily: identity.text("model_family"),
    modelVersion: identity.text("model_version"),
    provider: identity.text("provider"),
  };
  if (deploymentId !== undefined) read.deploymentId = deploymentId;
  if (enterprise) {
    read.enterprise = Object.freeze({
      orgId: enterprise.text("org_id"),
      workloadId: enterprise.text("workload_id"),
      deploymentEnv: enterprise.text("deployment_env"),
    });
  }
  return Object.freeze(read);
}

/** An identity under its wire names. */
export function writeAgentIdentity({ enterprise, ...identity }: AgentIdentity): Record<string, unknown> {
  return {
    model_family: identity.modelFamily,
    model_version: identity.modelVersion,
    provider: identity.provider,
    deployment_id: identity.deploymentId,
    enterprise: enterprise && {
      org_id: enterprise.orgId,
      workload_id: enterprise.workloadId,
      deployment_env: enterprise.deploymentEnv,
    },
  };
}
