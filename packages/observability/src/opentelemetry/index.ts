export { createMetrics } from "./create-metrics.ts";
export { createTracing } from "./create-tracing.ts";
