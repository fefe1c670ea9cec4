import { claimAt } from "@attest/core";
import type { Evidence } from "../evidence/evidence.ts";
import type { ClaimValue, RuleChecks } from "../evidence/rule-checks.ts";

/** One check of a rule, held against evidence. */
export interface CheckOutcome {
  /** `subject`, or the pointer of a claim. */
  readonly check: string;
  /** Whether the evidence meets it. */
  readonly holds: boolean;
  /** What the rule demands: one value, or any of a list. */
  readonly expected: ClaimValue | readonly ClaimValue[];
  /** What the evidence says. Absent if it says nothing. For the operator: it is the platform's text. */
  readonly found?: unknown;
}

/** Holds every check of a rule against evidence, in the rule's order. The rule admits it if all hold. */
export function checkRule({ subject, claims = {} }: RuleChecks, evidence: Evidence): readonly CheckOutcome[] {
  const outcomes: CheckOutcome[] = [];
  if (subject !== undefined) {
    const holds = subjectHolds(subject, evidence.subject);
    outcomes.push({ check: "subject", holds, expected: subject, found: evidence.subject });
  }
  for (const [check, expected] of Object.entries(claims)) {
    const found = claimAt(evidence.claims, check);
    const holds = [expected].flat().some((value) => value === found);
    outcomes.push({ check, holds, expected, ...(found !== undefined && { found }) });
  }
  return outcomes;
}

function subjectHolds(expected: string, found: string): boolean {
  if (!expected.endsWith("*")) return found === expected;
  const prefix = expected.slice(0, -1);
  // The star stands for something.
  return found.length > prefix.length && found.startsWith(prefix);
}
