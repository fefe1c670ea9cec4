import {
  type AttestationContext,
  type AttestationErrorCode,
  callable,
  claimAt,
  flag,
  isClaimPointer,
  isJsonObject,
  type Layer,
  type MaybePromise,
  meetsTrustLevel,
  type OptionNames,
  oneOf,
  optionError,
  refuseUnknownOptions,
  type ToolDefinition,
  TRUST_LEVELS,
  type TrustLevel,
  toolDigest,
  writeAttestationClaims,
} from "@attest/core";
import type { Exchange } from "./guard/exchange.ts";

/**
 * What a tool, resource or prompt demands beyond the server's policy. `minTrustLevel`, `issuer`, `subject` and `claims` are met by
 * one and the same statement about the agent, where a provider's is nested in an enterprise's (SPEC §20).
 */
export interface AttestationDemand {
  /** Default: any verified agent. */
  readonly minTrustLevel?: TrustLevel;
  /** The only issuer that counts, compared byte for byte. */
  readonly issuer?: string;
  /** The only agent that counts: its subject, compared byte for byte. */
  readonly subject?: string;
  /**
   * Claims that must hold: each a pointer (RFC 6901) under the names that they have on the wire, such as
   * `/attestation_metadata/safety_level`, with the value that it must have or a list of which it must be one. A claim that is
   * not there holds nothing, so no foreign token meets a demand on what only attestations say.
   */
  readonly claims?: Readonly<Record<string, ClaimValue | readonly ClaimValue[]>>;
  /**
   * Whether a sub-agent may meet the demand, for which the attested agent answers (SPEC §21). Default false: only the attested agent
   * itself meets it.
   */
  readonly delegated?: boolean;
  /**
   * Only messages that are signed count, and not those that a MAC under a ticket proves: that says who called to this server alone. The
   * first MAC is refused as `attestation_signature_required`, and the guard asks for a signature from then on. List the name in the guard's
   * `signatures` too: over HTTP that first call fails visibly otherwise. Default false.
   */
  readonly signature?: boolean;
  /**
   * For tools: only calls count whose agent decided on this very definition, as its signature says (SPEC §23). Give the tool as the server
   * lists it (`listedTools` tells), or a function that returns it, which is asked with every call. A call that names none is refused as
   * `attestation_claims_insufficient`, one that names another as `attestation_definition_mismatch`. Implies `signature`. Default: none.
   */
  readonly definition?: ToolDefinition | (() => MaybePromise<ToolDefinition | undefined>);
  /**
   * A rule of your own, called as a method of this object with the handler's arguments; without them where the demand is
   * asked for a completion, a list or a subscription. Only `true` passes. Anything else, or a throw, refuses.
   */
  check?(attestation: AttestationContext, ...args: unknown[]): boolean | Promise<boolean>;
}

/** What a claim can be compared with. */
export type ClaimValue = string | number | boolean;

/** Why a demand is not met: no agent was verified, or one that does not meet it. */
export type DemandProblem = Extract<
  AttestationErrorCode,
  | "ERR_ATTESTATION_REQUIRED"
  | "ERR_DEMAND"
  | "ERR_SIGNATURE_REQUIRED"
  | "ERR_DEFINITION_REQUIRED"
  | "ERR_DEFINITION_MISMATCH"
  | "ERR_DEFINITION_UNAVAILABLE"
>;

/** What became of a demand. */
type DemandVerdict = { readonly metBy: Layer } | { readonly problem: DemandProblem };

/** A demand that was validated. */
export interface Demand {
  /** Whether the call itself must be signed. What others see of the thing does not depend on it. */
  readonly signature: boolean;
  /** The digest of the definition that a call must name, if it must. May throw whatever a function of the server's own throws. */
  readonly definition?: () => MaybePromise<string>;
  /** Which statement about the agent behind an exchange meets the demand, or why none does. */
  judge(exchange: Exchange, args: readonly unknown[]): DemandVerdict | Promise<DemandVerdict>;
}

const MEMBERS: OptionNames<AttestationDemand> = {
  minTrustLevel: true,
  issuer: true,
  subject: true,
  claims: true,
  delegated: true,
  signature: true,
  definition: true,
  check: true,
};

/**
 * Validates a demand and copies it.
 *
 * @param demand What a handler demands.
 * @param isMeant What else a statement must be to count. Default: nothing else.
 * @throws AttestationError `ERR_OPTION`, naming what makes no sense.
 */
export function readDemand(demand: AttestationDemand, isMeant: (layer: Layer) => boolean = () => true): Demand {
  if (typeof demand !== "object" || demand === null) {
    throw optionError(
      "demand",
      'must be an object, and the first argument: requireAttestation({ minTrustLevel: "provider" }, handler)',
    );
  }
  refuseUnknownOptions(demand, MEMBERS, "a demand");
  const { minTrustLevel = "none", issuer, subject } = demand;
  oneOf("minTrustLevel", minTrustLevel, TRUST_LEVELS);
  for (const [name, value] of Object.entries({ issuer, subject })) {
    if (value !== undefined && (typeof value !== "string" || value === "")) {
      throw optionError(name, "must be a non-empty string");
    }
  }
  const delegated = flag("delegated", demand.delegated);
  const claims = readClaims(demand.claims);
  const check = callable("check", demand.check)?.bind(demand);
  const definition = readDefinition(demand.definition);
  return {
    signature: flag("signature", demand.signature) || definition !== undefined,
    ...(definition && { definition }),
    judge({ finding }, args) {
      if (!finding.verified) return { problem: "ERR_ATTESTATION_REQUIRED" };
      if (finding.delegation && !delegated) return NOT_MET;
      const metBy = finding.layers.find(
        (layer) =>
          meetsTrustLevel(layer.trustLevel, minTrustLevel) &&
          (issuer === undefined || layer.issuer === issuer) &&
          (subject === undefined || layer.subject === subject) &&
          claimsHold(claims, layer) &&
          isMeant(layer),
      );
      if (!metBy) return NOT_MET;
      return check ? passes(check, finding, args, { metBy }) : { metBy };
    },
  };
}

/** What a call must name. @throws AttestationError `ERR_OPTION` for an object that is no tool. */
function readDefinition(definition: AttestationDemand["definition"]): Demand["definition"] {
  if (definition === undefined) return undefined;
  if (typeof definition === "function") return async () => toolDigest((await definition()) as ToolDefinition);
  const digest = toolDigest(definition);
  return () => digest;
}

const NOT_MET: DemandVerdict = { problem: "ERR_DEMAND" };

/** What claims must be, copied. @throws AttestationError `ERR_OPTION`, naming the pointer. */
function readClaims(claims: AttestationDemand["claims"] = {}): readonly (readonly [string, readonly ClaimValue[]])[] {
  if (!isJsonObject(claims)) {
    throw optionError("claims", "must be an object of pointers and values");
  }
  return Object.entries(claims).map(([pointer, expected]) => {
    const values = [expected].flat() as ClaimValue[];
    if (!isClaimPointer(pointer)) {
      throw optionError(`claims[${JSON.stringify(pointer)}]`, "must be a pointer such as /agent_identity/provider");
    }
    if (values.length === 0 || !values.every((value) => ["string", "number", "boolean"].includes(typeof value))) {
      throw optionError(`claims[${JSON.stringify(pointer)}]`, "must be a string, a number, true or false, or a list");
    }
    return [pointer, values];
  });
}

function claimsHold(claims: ReturnType<typeof readClaims>, layer: Layer): boolean {
  if (claims.length === 0) return true;
  const written = layer.identity ? writeAttestationClaims(layer.claims) : { ...layer.claims };
  return claims.every(([pointer, values]) => values.some((value) => value === claimAt(written, pointer)));
}

function passes(
  check: NonNullable<AttestationDemand["check"]>,
  attestation: AttestationContext,
  args: readonly unknown[],
  met: DemandVerdict,
): DemandVerdict | Promise<DemandVerdict> {
  const judge = (answer: unknown) => (answer === true ? met : NOT_MET);
  try {
    const answer = check(attestation, ...args);
    return answer instanceof Promise ? answer.then(judge, () => NOT_MET) : judge(answer);
  } catch {
    return NOT_MET;
  }
}
