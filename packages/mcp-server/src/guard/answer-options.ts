import type { Feature } from "@attest/core";
import type { GuardConfiguration } from "./guard-options.ts";
import type { AnswerOptions } from "./refusals.ts";

/** What the answers of a guard say about it. */
export function answerOptionsOf(guard: GuardConfiguration): AnswerOptions {
  const { verifier, advertiseIssuers, enforce } = guard;
  return { configuration: verifier.configuration, advertiseIssuers, enforce, features: declaredFeatures(guard) };
}

/** The parts of the protocol that a guard is configured for (SPEC-4.33). */
function declaredFeatures({ verifier, enforce, signatures }: GuardConfiguration): readonly Feature[] {
  const { tickets, maxDelegationDepth, issuers } = verifier.configuration;
  const trusted = [...issuers.values()];
  const configured: Readonly<Record<Feature, boolean>> = {
    // A guard that only reports grants none, and neither does one to which everything must be signed.
    tickets: tickets !== undefined && enforce && !signatures.all,
    delegation: maxDelegationDepth > 0,
    nested: trusted.some(({ nested }) => nested),
    status: trusted.some(({ statusLists }) => statusLists !== undefined),
  };
  return (Object.keys(configured) as Feature[]).filter((feature) => configured[feature]);
}
