import type { Observer } from "@attest/core";
import { createMetrics } from "@attest/observability/prometheus";
import { Counter, Registry } from "prom-client";
import type { AuthorityRecord } from "../record.ts";

/** What an authority counts, for Prometheus to collect. */
export interface AuthorityMetrics extends Observer {
  count(entry: AuthorityRecord): void;
  /** Answers GET and HEAD with all metrics. */
  handler(request: Request): Promise<Response>;
}

/** The metrics of `@attest/observability`, and one of the authority's own: its answers. Labels are from closed sets (O2). */
export function authorityMetrics(): AuthorityMetrics {
  const registry = new Registry();
  const metrics = createMetrics({ registry });
  const answers = new Counter({
    name: "attestation_authority_answers_total",
    help: "Attestations issued and requests refused, by endpoint, problem and kind of evidence",
    labelNames: ["endpoint", "outcome", "problem", "kind"],
    registers: [registry],
  });
  return {
    ...(metrics.onEvent && { onEvent: (event) => metrics.onEvent?.(event) }),
    count({ endpoint, outcome, problem = "none", kind = "none" }) {
      answers.inc({ endpoint, outcome, problem, kind });
    },
    handler: (request) => metrics.handler(request),
  };
}
