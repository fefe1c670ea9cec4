import type { Clock } from "@attest/core";
import { type Defined, defined, type OwnFiles } from "@attest/service";
import { awsStsEvidence } from "../evidence/aws-sts.ts";
import { entraEvidence } from "../evidence/entra.ts";
import type { EvidenceVerifier } from "../evidence/evidence.ts";
import type { KeyOptions } from "../evidence/evidence-keys.ts";
import { gcpInstanceEvidence } from "../evidence/gcp-instance.ts";
import { githubActionsEvidence } from "../evidence/github-actions.ts";
import { gitlabEvidence } from "../evidence/gitlab.ts";
import { kubernetesEvidence } from "../evidence/kubernetes.ts";
import { oidcEvidence } from "../evidence/oidc.ts";
import { secretEvidence } from "../evidence/secret.ts";
import { spiffeEvidence } from "../evidence/spiffe.ts";
import { x509SvidEvidence } from "../evidence/x509-svid.ts";
import { buildAttestationEvidence, type VerifyingParts } from "./build-attestation-evidence.ts";
import type { EvidenceConfiguration } from "./schema.ts";

/** Makes the verifier of one kind of evidence. @throws Error that says what is wrong. */
export async function buildEvidence(
  configured: EvidenceConfiguration,
  parts: VerifyingParts,
): Promise<EvidenceVerifier> {
  const { files, clock } = parts;
  const keys = <T extends KeyMembers>(options: T) => keyOptions(options, files, clock);
  if ("secret" in configured) return secretEvidence(defined(configured.secret));
  if ("attestation" in configured) return buildAttestationEvidence(configured.attestation, parts);
  if ("oidc" in configured) return oidcEvidence(await keys(configured.oidc));
  if ("kubernetes" in configured) return kubernetesEvidence(await keys(configured.kubernetes));
  if ("githubActions" in configured) return githubActionsEvidence(await keys(configured.githubActions));
  if ("gitlab" in configured) return gitlabEvidence(await keys(configured.gitlab));
  if ("awsSts" in configured) return awsStsEvidence(await keys(configured.awsSts));
  if ("gcpInstance" in configured) return gcpInstanceEvidence(await keys(configured.gcpInstance));
  if ("entra" in configured) return entraEvidence(await keys(configured.entra));
  if ("spiffe" in configured) return spiffeEvidence(await keys(configured.spiffe));
  const { roots, proxy, trustDomain } = configured.x509Svid;
  return x509SvidEvidence({
    trustDomain,
    ...(roots !== undefined && { roots: await files.text(roots) }),
    ...(proxy && { proxy: defined(proxy) }),
  });
}

interface KeyMembers {
  readonly jwks?: string | undefined;
  readonly ca?: string | undefined;
  readonly allowPrivateNetwork?: boolean | undefined;
}

type OwnKeys = Pick<KeyOptions, "jwks" | "fetching" | "clock">;

/** A token's options as the library takes them: files read, and how keys are fetched. */
async function keyOptions<T extends KeyMembers>(
  options: T,
  files: OwnFiles,
  clock: Clock,
): Promise<Defined<Omit<T, keyof KeyMembers>> & OwnKeys> {
  const { jwks, ca, allowPrivateNetwork, ...rest } = options;
  const fetching = {
    ...(allowPrivateNetwork !== undefined && { allowPrivateNetwork }),
    ...(ca !== undefined && { ca: await files.text(ca) }),
  };
  return {
    ...defined(rest),
    clock,
    ...(jwks !== undefined && { jwks: (await files.json(jwks)) as NonNullable<KeyOptions["jwks"]> }),
    ...(Object.keys(fetching).length > 0 && { fetching }),
  };
}
