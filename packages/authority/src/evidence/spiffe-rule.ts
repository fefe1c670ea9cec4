import { optionError, trustDomainOf } from "@attest/core";
import type { RuleChecks } from "./rule-checks.ts";

/** A SPIFFE trust domain. @throws AttestationError `ERR_OPTION`. */
export function trustDomainOption(value: unknown): string {
  if (typeof value === "string" && /^[a-z0-9._-]{1,255}$/.test(value)) return value;
  throw optionError("trustDomain", "must be 1–255 lower-case letters, digits, dots, dashes and underscores");
}

/** Whether a SPIFFE ID is one of a workload of a trust domain. */
export function isOfTrustDomain(id: unknown, trustDomain: string): id is string {
  return typeof id === "string" && trustDomainOf(id) === trustDomain;
}

/** A rule names a workload, or a path of its trust domain: never the whole domain, and never another one. */
export function vetSpiffeRule({ subject }: RuleChecks, trustDomain: string): string | undefined {
  const prefix = `spiffe://${trustDomain}/`;
  if (subject === undefined) return `must have a subject that begins with ${prefix}`;
  if (!subject.startsWith(prefix)) return `must have a subject of its own trust domain: ${prefix}…`;
  if (subject === `${prefix}*`) return `must name more than the whole trust domain in its subject`;
  if (subject.endsWith("*")) return undefined;
  return trustDomainOf(subject) === trustDomain ? undefined : "must have a subject that is a SPIFFE ID";
}
