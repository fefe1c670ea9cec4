import type { Observer } from "@attest/core";
import { createMetrics } from "@attest/observability/prometheus";
import { Counter, Registry } from "prom-client";
import type { UpstreamFailure } from "../answer/upstream-failure.ts";

/** What a gateway counts, for Prometheus to collect. */
export interface GatewayMetrics extends Observer {
  count(failure: UpstreamFailure): void;
  /** Answers GET and HEAD with all metrics. */
  handler(request: Request): Promise<Response>;
}

/** The metrics of `@attest/observability`, and one of the gateway's own: answers that servers failed to give. */
export function gatewayMetrics(): GatewayMetrics {
  const registry = new Registry();
  const metrics = createMetrics({ registry });
  const failures = new Counter({
    name: "attestation_gateway_failures_total",
    help: "Answers that the servers behind the gateway failed to give, by reason",
    labelNames: ["reason"],
    registers: [registry],
  });
  return {
    ...(metrics.onEvent && { onEvent: (event) => metrics.onEvent?.(event) }),
    count: ({ reason }) => failures.inc({ reason }),
    handler: (request) => metrics.handler(request),
  };
}
