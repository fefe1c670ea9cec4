import {
  type AttestationContext,
  type AttestationErrorCode,
  callable,
  meetsTrustLevel,
  type OptionNames,
  oneOf,
  optionError,
  refuseUnknownOptions,
  TRUST_LEVELS,
  type TrustLevel,
} from "@attest/core";
import type { Exchange } from "./guard/exchange.ts";

/** What a tool, resource or prompt demands beyond the server's policy. */
export interface AttestationDemand {
  /** Default: any verified agent. */
  readonly minTrustLevel?: TrustLevel;
  /** The only issuer that counts, compared byte for byte. */
  readonly issuer?: string;
  /**
   * A rule of your own, called as a method of this object with the handler's arguments; without them where the demand is
   * asked for a completion, a list or a subscription. Only `true` passes. Anything else, or a throw, refuses.
   */
  check?(attestation: AttestationContext, ...args: unknown[]): boolean | Promise<boolean>;
}

/** Why a demand is not met: no agent was verified, or one that does not meet it. */
export type DemandProblem = Extract<AttestationErrorCode, "ERR_ATTESTATION_REQUIRED" | "ERR_DEMAND">;

/** A demand that was validated. */
export interface Demand {
  /** Why the agent behind an exchange does not meet the demand; `undefined` if it does. */
  problem(exchange: Exchange, args: readonly unknown[]): DemandProblem | undefined | Promise<DemandProblem | undefined>;
}

const MEMBERS: OptionNames<AttestationDemand> = { minTrustLevel: true, issuer: true, check: true };

/**
 * Validates a demand and copies it.
 *
 * @throws AttestationError `ERR_OPTION`, naming what makes no sense.
 */
export function readDemand(demand: AttestationDemand): Demand {
  if (typeof demand !== "object" || demand === null) {
    throw optionError(
      "demand",
      'must be an object, and the first argument: requireAttestation({ minTrustLevel: "provider" }, handler)',
    );
  }
  refuseUnknownOptions(demand, MEMBERS, "a demand");
  const { minTrustLevel = "none", issuer } = demand;
  oneOf("minTrustLevel", minTrustLevel, TRUST_LEVELS);
  if (issuer !== undefined && (typeof issuer !== "string" || issuer === "")) {
    throw optionError("issuer", "must be a non-empty string");
  }
  const check = callable("check", demand.check)?.bind(demand);
  return {
    problem({ finding }, args) {
      if (!finding.verified) return "ERR_ATTESTATION_REQUIRED";
      const known =
        meetsTrustLevel(finding.trustLevel, minTrustLevel) && (issuer === undefined || finding.issuer === issuer);
      if (!known) return "ERR_DEMAND";
      return check && passes(check, finding, args);
    },
  };
}

function passes(
  check: NonNullable<AttestationDemand["check"]>,
  attestation: AttestationContext,
  args: readonly unknown[],
): DemandProblem | undefined | Promise<DemandProblem | undefined> {
  const judge = (answer: unknown) => (answer === true ? undefined : "ERR_DEMAND");
  try {
    const answer = check(attestation, ...args);
    return answer instanceof Promise ? answer.then(judge, () => "ERR_DEMAND" as const) : judge(answer);
  } catch {
    return "ERR_DEMAND";
  }
}
