import type { AgentIdentity, AttestationRequest, PublicJwk } from "@attest/core";
import type { Ask } from "./ask.ts";
import { Problem } from "./problem.ts";
import type { Workload } from "./settings.ts";

/** The identity to attest: the one asked for, if it is registered as it stands, or the first registered. */
export function registeredIdentity({ identities }: Workload, asked: Ask["identity"]): AgentIdentity {
  const identity = asked === undefined ? identities[0] : identities.find((one) => isSame(one, asked));
  if (!identity) throw new Problem("identity_not_registered", "This workload is not registered for that identity");
  return withoutUndefined(identity);
}

/** The audience to attest for; `undefined` where none was asked for and any is allowed. */
export function registeredAudience({ audiences }: Workload, asked: string | undefined): string | undefined {
  if (audiences === undefined) return asked;
  if (asked === undefined) {
    throw new Problem(
      "audience_required",
      "This workload is registered for certain servers only: send `audience`, the identifier of the server to be called",
    );
  }
  if (audiences.includes(asked)) return asked;
  throw new Problem("audience_not_registered", "This workload is not registered for that audience");
}

/** What the registration has attested of a workload: everything but the key comes from it. */
export function requestFor(
  workload: Workload,
  asked: { identity: AgentIdentity; audience: string | undefined; confirmationKey: PublicJwk },
): AttestationRequest {
  const { subject, trustDomain, metadata } = workload;
  const { attestationType, safetyLevel, capabilitiesDeclared } = metadata;
  const { identity, audience, confirmationKey } = asked;
  return {
    identity,
    confirmationKey,
    metadata: {
      ...(attestationType && { attestationType }),
      ...(safetyLevel && { safetyLevel }),
      ...(capabilitiesDeclared && { capabilitiesDeclared }),
    },
    ...(audience !== undefined && { audience }),
    ...(subject !== undefined && { subject }),
    ...(trustDomain !== undefined && { trustDomain }),
  };
}

function isSame(one: Workload["identities"][number], asked: NonNullable<Ask["identity"]>): boolean {
  return (
    one.modelFamily === asked.model_family &&
    one.modelVersion === asked.model_version &&
    one.provider === asked.provider &&
    one.deploymentId === asked.deployment_id &&
    one.enterprise?.orgId === asked.enterprise?.org_id &&
    one.enterprise?.workloadId === asked.enterprise?.workload_id &&
    one.enterprise?.deploymentEnv === asked.enterprise?.deployment_env
  );
}

/** An identity of the registration, as core takes it. */
export function withoutUndefined({ deploymentId, enterprise, ...rest }: Workload["identities"][number]): AgentIdentity {
  return { ...rest, ...(deploymentId !== undefined && { deploymentId }), ...(enterprise && { enterprise }) };
}
