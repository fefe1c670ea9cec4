import type { AgentIdentity, AttestationMetadata } from "@attest/core";
import { type Command, Option } from "commander";
import { UsageError } from "../exit.ts";

/** Whom an attestation is about, as options. */
export interface IdentityOptions {
  readonly modelFamily: string;
  readonly modelVersion: string;
  readonly provider: string;
  readonly deploymentId?: string;
  readonly enterprise?: string;
  readonly type: AttestationMetadata["attestationType"];
  readonly safetyLevel: AttestationMetadata["safetyLevel"];
  readonly subject?: string;
  readonly trustDomain?: string;
}

/** Adds the options that say whom an attestation is about. */
export function addIdentityOptions(command: Command): Command {
  return command
    .option("--model-family <name>", "the agent's model family", "example")
    .option("--model-version <name>", "the agent's model version", "example-1")
    .option("--provider <name>", "the agent's model provider", "example")
    .option("--deployment-id <id>", "the agent's deployment")
    .option("--enterprise <org/workload/env>", "the organisation, workload and environment behind the agent")
    .addOption(
      new Option("--type <type>", "the type of the authority").choices(["provider", "enterprise"]).default("provider"),
    )
    .addOption(
      new Option("--safety-level <level>", "the safety level that the authority gives the agent")
        .choices(["standard", "enhanced", "minimal"])
        .default("standard"),
    )
    .option("--subject <spiffe-id>", "the subject (default: spiffe://<trust domain>/model/<model version>)")
    .option("--trust-domain <name>", "SPIFFE trust domain of the default subject (default: <provider>.com)");
}

/**
 * Reads whom an attestation is about.
 *
 * @throws UsageError for an enterprise that is not all there.
 */
export function readIdentity(options: IdentityOptions): {
  readonly identity: AgentIdentity;
  readonly metadata: Pick<AttestationMetadata, "attestationType" | "safetyLevel">;
  readonly subject?: string;
  readonly trustDomain?: string;
} {
  const { modelFamily, modelVersion, provider, deploymentId, enterprise, subject, trustDomain } = options;
  return {
    identity: {
      modelFamily,
      modelVersion,
      provider,
      ...(deploymentId !== undefined && { deploymentId }),
      ...(enterprise !== undefined && { enterprise: readEnterprise(enterprise) }),
    },
    metadata: { attestationType: options.type, safetyLevel: options.safetyLevel },
    ...(subject !== undefined && { subject }),
    ...(trustDomain !== undefined && { trustDomain }),
  };
}

function readEnterprise(text: string): NonNullable<AgentIdentity["enterprise"]> {
  const [orgId, workloadId, deploymentEnv, ...rest] = text.split("/");
  if (!orgId || !workloadId || !deploymentEnv || rest.length > 0) {
    throw new UsageError("--enterprise must be of the form organisation/workload/environment");
  }
  return { orgId, workloadId, deploymentEnv };
}
