import { type OptionNames, optionError, refuseUnknownOptions, type TrustLevel } from "@attest/core";
import { type Demand as Judged, readDemand } from "@attest/mcp-server/gate";

/** What an agent must be for a tool, a resource or a prompt: data, so that it can stand in a configuration file. */
export interface Demand {
  /** Default: any verified agent. */
  readonly minTrustLevel?: TrustLevel | undefined;
  /** The only issuer that counts, compared byte for byte. */
  readonly issuer?: string | undefined;
  /** The only agent that counts: its subject, compared byte for byte, or how it begins with `/*` at the end. */
  readonly subject?: string | undefined;
  /** Claims that must hold: pointers (RFC 6901) and a value or a list of values. */
  readonly claims?: Readonly<Record<string, ClaimValues>> | undefined;
  /** Whether the message must be signed, where a MAC under a ticket would do otherwise (SPEC §19). Default false. */
  readonly signature?: boolean | undefined;
  /** Nobody meets it. Default false. */
  readonly deny?: boolean | undefined;
}

type ClaimValue = string | number | boolean;
type ClaimValues = ClaimValue | readonly ClaimValue[];

/** Demands by name. Of several that fit, the exact name counts before the longest prefix, and any of them before `default`. */
export interface Demands {
  /** By the name of a tool, or how it begins with `*` at the end. */
  readonly tools?: Readonly<Record<string, Demand>> | undefined;
  /** By the URI of a resource, or how it begins with `*` at the end. */
  readonly resources?: Readonly<Record<string, Demand>> | undefined;
  /** By the name of a prompt, or how it begins with `*` at the end. */
  readonly prompts?: Readonly<Record<string, Demand>> | undefined;
  /** Of everything that no other entry is for. Default: whatever the policy lets through. */
  readonly default?: Demand | undefined;
}

const NOBODY: Judged = { signature: false, judge: () => ({ problem: "ERR_DEMAND" }) };
const MEMBERS: OptionNames<Demand> = {
  minTrustLevel: true,
  issuer: true,
  subject: true,
  claims: true,
  signature: true,
  deny: true,
};

/** Validates one demand. @throws AttestationError `ERR_OPTION`. */
export function judgedDemand(demand: Demand): Judged {
  if (typeof demand !== "object" || demand === null) throw optionError("demand", "must be an object");
  refuseUnknownOptions(demand, MEMBERS, "a demand");
  const { deny = false, subject, minTrustLevel, issuer, claims, signature } = demand;
  if (typeof deny !== "boolean") throw optionError("deny", "must be true or false");
  const exact = subject === undefined || !subject.endsWith("*");
  if (!exact && !subject.endsWith("/*")) throw optionError("subject", "must be whole, or end with /*");
  const prefix = exact ? undefined : subject.slice(0, -1);
  const stated = {
    ...(minTrustLevel !== undefined && { minTrustLevel }),
    ...(issuer !== undefined && { issuer }),
    ...(claims !== undefined && { claims }),
    ...(signature !== undefined && { signature }),
    ...(exact && subject !== undefined && { subject }),
  };
  const judged = readDemand(stated, (layer) => prefix === undefined || layer.subject.startsWith(prefix));
  return deny ? NOBODY : judged;
}
