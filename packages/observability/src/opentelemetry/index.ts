export { createMetrics } from "./create-metrics.ts";
export { createTracing, type TracingOptions } from "./create-tracing.ts";
