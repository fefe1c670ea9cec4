import { isAbsoluteUri, isClaimPointer, isJsonObject, optionError, trustDomainOf } from "@attest/core";
import type { EvidenceVerifier } from "../evidence/evidence.ts";
import type { ClaimValue, RuleChecks } from "../evidence/rule-checks.ts";
import type { Attested, Rule } from "./rule.ts";

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
const RULE_MEMBERS: readonly string[] = [
  "name",
  "evidence",
  "subject",
  "claims",
  "default",
  "attest",
] satisfies (keyof Rule)[];
const ATTEST_MEMBERS: readonly string[] = [
  "identity",
  "attestationType",
  "safetyLevel",
  "capabilities",
  "integrity",
  "subject",
  "trustDomain",
  "audiences",
  "lifetime",
  "copy",
  "nest",
  "maxDelegationDepth",
] satisfies (keyof Attested)[];
const COPY_MEMBERS: readonly string[] = ["deploymentId", "workloadId", "configHash", "systemPromptHash"];
/** Claims that are the same for many workloads, or that the caller chooses: they say nothing about who it is. */
const NOT_IDENTIFYING: ReadonlySet<string> = new Set(["/aud", "/iss", "/exp", "/iat", "/nbf", "/jti", "/azp"]);

/** A configured set of rules: found by name, never by what fits. */
export interface Rules {
  readonly all: readonly Rule[];
  /** The rule of that name, or the default one; `undefined` if there is none. */
  find(name: string | undefined): Rule | undefined;
  readonly hasDefault: boolean;
}

/**
 * Validates rules and copies them.
 *
 * @throws AttestationError `ERR_OPTION`, whose message lists everything that is wrong, by its place.
 */
export function configureRules(rules: readonly Rule[], evidence: Readonly<Record<string, EvidenceVerifier>>): Rules {
  if (!Array.isArray(rules) || rules.length === 0) throw optionError("rules", "must be a list with at least one rule");
  const problems = rules.flatMap((rule, i) => problemsOf(rule, evidence).map((problem) => `rules[${i}]${problem}`));
  const names = rules.map((rule) => rule?.name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) problems.push(`rules: two of them are called ${JSON.stringify(twice)}`);
  if (rules.filter((rule) => rule?.default === true).length > 1) problems.push("rules: more than one is the default");
  if (problems.length > 0) throw optionError("rules", `are wrong:\n${problems.join("\n")}`);
  const copies = structuredClone(rules) as readonly Rule[];
  const byName = new Map(copies.map((rule) => [rule.name, rule]));
  const fallback = copies.find((rule) => rule.default === true);
  return {
    all: copies,
    find: (name) => (name === undefined ? fallback : byName.get(name)),
    hasDefault: fallback !== undefined,
  };
}

function problemsOf(rule: Rule, evidence: Readonly<Record<string, EvidenceVerifier>>): string[] {
  if (typeof rule !== "object" || rule === null) return [" must be an object"];
  const problems = Object.keys(rule)
    .filter((member) => !RULE_MEMBERS.includes(member))
    .map((member) => `.${member} is not a member of a rule`);
  if (typeof rule.name !== "string" || !NAME.test(rule.name)) problems.push(".name must be 1–64 of a–z, 0–9 and -");
  if (rule.default !== undefined && typeof rule.default !== "boolean") problems.push(".default must be true or false");
  const verifier = Object.hasOwn(evidence, String(rule.evidence)) ? evidence[rule.evidence] : undefined;
  if (!verifier) problems.push(`.evidence must be one of ${Object.keys(evidence).join(", ")}`);
  const checks = checkProblems(rule);
  problems.push(...checks);
  if (verifier && checks.length === 0) {
    const problem = isIdentifying(rule) || verifier.identifies ? verifier.vetRule?.(rule) : NO_CHECK;
    if (problem !== undefined) problems.push(` ${problem}`);
  }
  return [...problems, ...attestProblems(rule.attest), ...nestProblems(rule.attest, verifier)];
}

const NO_CHECK =
  "must check who it is: by a subject or a claim that names one workload. The issuer and the audience are the same for others";

function checkProblems({ subject, claims }: RuleChecks): string[] {
  const problems: string[] = [];
  if (subject !== undefined) {
    if (typeof subject !== "string" || subject === "" || subject.length > 2048) {
      problems.push(".subject must be a text of at most 2048 characters");
    } else if (subject.slice(0, -1).includes("*")) {
      problems.push(".subject may have one * at its end and nowhere else");
    }
  }
  if (claims === undefined) return problems;
  if (!isJsonObject(claims)) {
    return [...problems, ".claims must be an object of pointers and values"];
  }
  for (const [pointer, expected] of Object.entries(claims)) {
    const place = `.claims[${JSON.stringify(pointer)}]`;
    if (!isClaimPointer(pointer)) problems.push(`${place} must be a pointer like /kubernetes.io/namespace (RFC 6901)`);
    const values = [expected].flat() as ClaimValue[];
    if (values.length === 0 || !values.every(isClaimValue)) {
      problems.push(`${place} must be a text, a number, true or false, or a list of these`);
    }
  }
  return problems;
}

function isClaimValue(value: unknown): boolean {
  return typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
}

function isIdentifying({ subject, claims = {} }: RuleChecks): boolean {
  if (subject !== undefined && subject !== "*") return true;
  return Object.keys(claims).some((pointer) => !NOT_IDENTIFYING.has(pointer));
}

function attestProblems(attest: Attested): string[] {
  if (typeof attest !== "object" || attest === null) return [".attest must say what is attested"];
  const problems = Object.keys(attest)
    .filter((member) => !ATTEST_MEMBERS.includes(member))
    .map((member) => `.attest.${member} is not a member of what is attested`);
  const { identity, audiences, lifetime, subject, trustDomain, attestationType, copy, maxDelegationDepth } = attest;
  if (typeof identity !== "object" || identity === null) problems.push(".attest.identity must be an object");
  if (
    audiences !== undefined &&
    !(Array.isArray(audiences) && audiences.length > 0 && audiences.every(isAbsoluteUri))
  ) {
    problems.push(".attest.audiences must be a list of absolute URIs");
  }
  if (lifetime !== undefined && !(Number.isSafeInteger(lifetime) && lifetime >= 30 && lifetime <= 3600)) {
    problems.push(".attest.lifetime must be a whole number of seconds from 30 to 3600");
  }
  if (maxDelegationDepth !== undefined && ![0, 1, 2, 3, 4].includes(maxDelegationDepth)) {
    problems.push(".attest.maxDelegationDepth must be a whole number from 0 to 4");
  }
  if (subject !== undefined && trustDomain !== undefined && trustDomainOf(subject) !== trustDomain) {
    problems.push(".attest.trustDomain must be the one in .attest.subject");
  }
  const isEnterprise = attestationType === "enterprise" || attest.nest === true;
  if (isEnterprise && subject === undefined && trustDomain === undefined) {
    problems.push(".attest.trustDomain must be set: the default is that of the model's provider");
  }
  if (copy !== undefined) problems.push(...copyProblems(copy, identity?.enterprise !== undefined));
  return problems;
}

/** An attestation is embedded only where there is one, and only in an enterprise's (SPEC-20.1). */
function nestProblems(attest: Attested, evidence: EvidenceVerifier | undefined): string[] {
  if (attest?.nest === undefined) return [];
  if (typeof attest.nest !== "boolean") return [".attest.nest must be true or false"];
  if (!attest.nest) return [];
  const problems: string[] = [];
  if (evidence && evidence.kind !== "attestation") {
    problems.push(".attest.nest needs evidence of kind attestation: there is nothing else to embed");
  }
  if (attest.attestationType === "provider") {
    problems.push(".attest.nest is for an enterprise's attestation: attestationType must be enterprise, or left out");
  }
  return problems;
}

function copyProblems(copy: object, isEnterprise: boolean): string[] {
  if (typeof copy !== "object" || copy === null) return [".attest.copy must be an object of pointers"];
  const problems = Object.entries(copy).flatMap(([member, pointer]) => {
    if (!COPY_MEMBERS.includes(member)) return [`.attest.copy.${member} is nothing that can be copied`];
    return typeof pointer === "string" && isClaimPointer(pointer)
      ? []
      : [`.attest.copy.${member} must be a pointer (RFC 6901)`];
  });
  if ("workloadId" in copy && !isEnterprise) problems.push(".attest.copy.workloadId needs .attest.identity.enterprise");
  return problems;
}
