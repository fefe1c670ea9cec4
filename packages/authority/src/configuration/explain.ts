import { AttestationError, type Clock, InMemoryReplayCache, systemClock } from "@attest/core";
import { EvidenceError, type Presented } from "../evidence/evidence.ts";
import { configureRules } from "../rules/configure-rules.ts";
import { type CheckOutcome, checkRule } from "../rules/match-rule.ts";
import { asConfigurationError, openDecisions, readConfiguration } from "./open-parts.ts";

/** What one rule says of a piece of evidence. */
export interface Explanation {
  /** The rule's name. */
  readonly rule: string;
  /** Whether it is the rule of callers that name none. */
  readonly default: boolean;
  /** The name of the evidence that it demands. */
  readonly evidence: string;
  /** The kind of that evidence, such as `kubernetes`. */
  readonly kind: string;
  /** Whether a request by this rule's name would be admitted. */
  readonly admitted: boolean;
  /** Why the evidence is refused, before any check. */
  readonly refused?: {
    /** What kind of refusal it is. */
    readonly code: string;
    /** Why, for the operator. */
    readonly message: string;
  };
  /** Who the workload is, where the evidence is good. */
  readonly subject?: string;
  /** The only key that the evidence is good for. */
  readonly keyThumbprint?: string;
  /** The rule's checks in its order, each with what it found. Empty where the evidence is refused. */
  readonly checks: readonly CheckOutcome[];
}

/**
 * A dry run: holds evidence against every rule of a configuration, and says of each whether it would admit it and why not.
 * Nothing is used up, and nothing issued.
 *
 * @param file The path of the configuration.
 * @param evidence What a workload would send as `Bearer`, or another authority's attestation. Its proof is for a request, so it is not
 * asked for here.
 * @param options The time by which it is judged.
 * @param options.clock Unix seconds. Default: the machine's.
 * @throws ConfigurationError.
 */
export async function explainEvidence(
  file: string,
  evidence: string,
  { clock = systemClock }: { clock?: Clock } = {},
): Promise<readonly Explanation[]> {
  const read = await readConfiguration(file);
  const { evidence: verifiers, rules } = await openDecisions(read, {
    clock,
    replayCache: new InMemoryReplayCache({ clock }),
  });
  const presented: Presented = {
    credential: evidence.trim(),
    method: "POST",
    headers: new Headers(),
    body: new Uint8Array(),
    connection: {},
    now: Math.floor(clock()),
  };
  try {
    const configured = configureRules(rules, verifiers);
    const found: Explanation[] = [];
    for (const rule of configured.all) {
      const verifier = verifiers[rule.evidence];
      const about = {
        rule: rule.name,
        default: rule.default === true,
        evidence: rule.evidence,
        kind: verifier?.kind ?? "",
      };
      try {
        const good = await (verifier?.rehearse ? verifier.rehearse(presented) : verifier?.verify(presented));
        if (!good) throw new EvidenceError("missing", "The evidence is not configured");
        const checks = checkRule(rule, good);
        const { subject, keyThumbprint } = good;
        const bound = keyThumbprint !== undefined && { keyThumbprint };
        found.push({ ...about, admitted: checks.every(({ holds }) => holds), subject, ...bound, checks });
      } catch (error) {
        if (!(error instanceof EvidenceError || error instanceof AttestationError)) throw error;
        found.push({ ...about, admitted: false, refused: { code: error.code, message: error.message }, checks: [] });
      }
    }
    return found;
  } catch (error) {
    throw asConfigurationError(error, read);
  } finally {
    await Promise.all(Object.values(verifiers).map((verifier) => verifier.close?.()));
  }
}
