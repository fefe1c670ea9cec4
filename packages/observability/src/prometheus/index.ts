export { createMetrics, type PrometheusMetrics } from "./create-metrics.ts";
