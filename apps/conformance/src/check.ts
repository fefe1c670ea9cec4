import type { Requirement } from "../../../spec/conformance/requirements.mjs";
import { keywordOf } from "../../../spec/conformance/requirements.mjs";

/** What came of a check. `FAILURE` and `WARNING` fail a run, `SKIPPED` says that the check does not apply. */
export type CheckStatus = "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED" | "INFO";

/** A check as the conformance suite of MCP records it. */
export interface ConformanceCheck {
  /** The check of the traceability file. Several records may have one: each is another case of it. */
  readonly id: string;
  /** The case. */
  readonly name: string;
  readonly description: string;
  readonly status: CheckStatus;
  /** ISO 8601. */
  readonly timestamp: string;
  readonly specReferences?: readonly { readonly id: string; readonly url?: string }[];
  readonly details?: Readonly<Record<string, unknown>>;
  readonly errorMessage?: string;
}

/** What a case came to: nothing where all is well, what is wrong, or why the case does not apply. */
export type Outcome =
  | undefined
  | { readonly problem: string; readonly untestable?: true }
  | { readonly skipped: string };

/** The check of a requirement, as the traceability file names it. */
export function checkIdOf(requirement: string): string {
  return `sep-agent-attestation-${requirement.replace(".", "-")}`;
}

/**
 * Records a case. What is wrong with a MUST is a failure, with a SHOULD a warning, and so is a case that could not be tried: a server
 * that refuses everything shows nothing.
 */
export function recordCheck({ id, text, anchor }: Requirement, name: string, outcome: Outcome): ConformanceCheck {
  return {
    id: checkIdOf(id),
    name,
    description: text,
    timestamp: new Date().toISOString(),
    specReferences: [{ id: `SPEC-${id}`, url: `SPEC.md#${anchor}` }],
    ...statusOf(text, outcome),
  };
}

function statusOf(text: string, outcome: Outcome): Pick<ConformanceCheck, "status" | "errorMessage" | "details"> {
  if (outcome === undefined) return { status: "SUCCESS" };
  if ("skipped" in outcome) return { status: "SKIPPED", errorMessage: outcome.skipped };
  const status = keywordOf(text) === "SHOULD" ? "WARNING" : "FAILURE";
  const { problem, untestable } = outcome;
  return { status, errorMessage: problem, ...(untestable && { details: { untestable } }) };
}
