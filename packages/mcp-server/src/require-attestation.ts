import {
  type AttestationContext,
  AttestationError,
  meetsTrustLevel,
  notify,
  optionError,
  refuseUnknownOptions,
  type TrustLevel,
  wireReason,
} from "@attest/core";
import { metaOf } from "./attestation-of.ts";
import { contextOf, type Exchange, exchangeOf } from "./guard/brand.ts";

/** What a tool, resource or prompt demands beyond the server's policy. */
export interface AttestationDemand {
  /** Default: any verified agent. */
  readonly minTrustLevel?: TrustLevel;
  /** The one issuer whose word is taken, compared byte for byte. */
  readonly issuer?: string;
  /**
   * A rule of one's own, with the handler's arguments, called as a method of this object. Only `true` passes; anything
   * else, or a throw, refuses.
   */
  check?(attestation: AttestationContext, ...args: unknown[]): boolean | Promise<boolean>;
}

/** A handler as the SDK takes it, whose last parameter, the context, also has `attestation`. */
// biome-ignore lint/suspicious/noExplicitAny: parameters of every handler form of both SDKs
export type AttestedHandler<H extends (...args: any[]) => any> =
  Parameters<H> extends [...infer Head, infer Context]
    ? (...args: [...Head, Context & { readonly attestation: AttestationContext }]) => ReturnType<H>
    : (...args: never[]) => unknown;

/**
 * Wraps a handler so that it runs only for agents that meet a demand, and is told who calls: `(args, { attestation })`.
 * On a server without a guard it refuses everything.
 *
 * A refusal reaches the client as a JSON-RPC error with `error.data.reason`: `attestation_required` without a verified
 * agent, `attestation_claims_insufficient` if it does not meet the demand.
 *
 * @throws AttestationError `ERR_OPTION` for a demand that makes no sense.
 */
// biome-ignore lint/suspicious/noExplicitAny: parameters of every handler form of both SDKs
export function requireAttestation<H extends (...args: any[]) => any>(
  demand: AttestationDemand,
  handler: AttestedHandler<H>,
): H {
  const { minTrustLevel = "none", issuer, check } = validated(demand);
  const guarded = async (...args: unknown[]): Promise<unknown> => {
    const context = args.at(-1);
    const meta = metaOf(context);
    const exchange = exchangeOf(meta);
    if (!exchange) {
      throw new AttestationError("ERR_GUARD_MISSING", "This handler requires attestation, and its server has no guard");
    }
    const attestation = contextOf(meta);
    if (!attestation) throw refuse(exchange, "ERR_ATTESTATION_REQUIRED", "The handler requires a verified agent");
    const met =
      meetsTrustLevel(attestation.trustLevel, minTrustLevel) &&
      (issuer === undefined || attestation.issuer === issuer) &&
      (check === undefined || (await passes(check, attestation, args)));
    if (!met) throw refuse(exchange, "ERR_DEMAND", "The agent does not meet the handler's demand");
    const { issuer: by, subject } = attestation;
    notify(exchange.observer, { type: "demand", outcome: "met", issuer: by, subject });
    return (handler as (...args: unknown[]) => unknown)(...args.slice(0, -1), { ...(context as object), attestation });
  };
  return guarded as unknown as H;
}

async function passes(
  check: NonNullable<AttestationDemand["check"]>,
  attestation: AttestationContext,
  args: readonly unknown[],
): Promise<boolean> {
  try {
    return (await check(attestation, ...args)) === true;
  } catch {
    return false;
  }
}

/** Leaves the refusal where the transport's wrapper finds it: what a tool throws becomes a text on its way (M8). */
function refuse(
  exchange: Exchange,
  code: "ERR_ATTESTATION_REQUIRED" | "ERR_DEMAND",
  message: string,
): AttestationError {
  const { finding, observer } = exchange;
  exchange.refusal = new AttestationError(code, message);
  notify(observer, {
    type: "demand",
    outcome: "refused",
    ...(finding.verified && { issuer: finding.issuer, subject: finding.subject }),
    reason: wireReason(code),
    code,
  });
  return exchange.refusal;
}

function validated(demand: AttestationDemand): AttestationDemand {
  refuseUnknownOptions(demand, ["minTrustLevel", "issuer", "check"], "a demand");
  const { minTrustLevel, issuer, check } = demand;
  if (minTrustLevel !== undefined && !["none", "enterprise", "provider"].includes(minTrustLevel)) {
    throw optionError("minTrustLevel", "must be none, enterprise or provider");
  }
  if (issuer !== undefined && (typeof issuer !== "string" || issuer === "")) {
    throw optionError("issuer", "must be a non-empty string");
  }
  if (check !== undefined && typeof check !== "function") throw optionError("check", "must be a function");
  return {
    ...(minTrustLevel !== undefined && { minTrustLevel }),
    ...(issuer !== undefined && { issuer }),
    ...(check && { check: check.bind(demand) }),
  };
}
