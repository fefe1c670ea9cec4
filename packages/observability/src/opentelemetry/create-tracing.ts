import {
  type AttestationEvent,
  callable,
  flag,
  type ObservedMessage,
  type ObservedOperation,
  type Observer,
  type OptionNames,
  refuseUnknownOptions,
} from "@attest/core";
import {
  type Context,
  context,
  createTraceState,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanStatusCode,
  type TracerProvider,
  trace,
} from "@opentelemetry/api";
import { assertMethod } from "../options.ts";
import { attestedAttributes } from "./attested-attributes.ts";
import { SCOPE } from "./create-metrics.ts";
import { decorate, report } from "./decorate.ts";
import { mcpAttributes } from "./mcp-attributes.ts";
import { activeServerSpan } from "./server-span.ts";

/** Where spans go, and what they say. */
export interface TracingOptions {
  /** Default: the global one, whenever it is registered. */
  tracerProvider?: TracerProvider;
  /**
   * The span that the server's own instrumentation has for the message under way, if it has one. A verification writes on it
   * instead of making a span. Default: the active span, if it is of kind server and has `mcp.method.name`, and its method and
   * `jsonrpc.request.id` are not another message's.
   */
  serverSpan?: (message: Pick<ObservedMessage, "method" | "id">) => Span | undefined;
  /**
   * Name a verified agent by `gen_ai.agent.identity.id` (its subject) and `gen_ai.agent.identity.name` (the path of a SPIFFE ID)
   * too. OpenTelemetry's conventions do not have these names yet, and may never have them. Default false.
   */
  agentIdentity?: boolean;
}

const TRACING_OPTIONS: OptionNames<TracingOptions> = { tracerProvider: true, serverSpan: true, agentIdentity: true };

/**
 * Spans `attestation.verify`, `attestation.issue` and `attestation.jwks.fetch` for OpenTelemetry, through its API.
 *
 * A span's parent is the span that is active where the operation runs, if it belongs to the trace that the message
 * carries in `_meta.traceparent` or the message carries none: a server that is instrumented itself has made it. Else the
 * parent is the sender's span, and the active one is linked. Trace context is the peer's word: it decides where a span is
 * filed, and with a parent-based sampler whether, and nothing else.
 *
 * Where an instrumented MCP server has a span for the message, a verification makes none: it writes its attributes and an event
 * `attestation.verify` on that span, as a guard's decision and a handler's demand do. Status and `error.type` of that span stay
 * the instrumentation's; a refusal shows as `attestation.code`.
 *
 * A span of its own has the status error when this side failed. A refused peer is no failure of the server's: `error.type` has
 * the code, the status is left unset.
 *
 * @throws AttestationError `ERR_OPTION`.
 */
export function createTracing(options: TracingOptions = {}): Observer {
  refuseUnknownOptions(options, TRACING_OPTIONS, "tracing");
  const { tracerProvider = trace.getTracerProvider(), serverSpan = activeServerSpan } = options;
  assertMethod("tracerProvider", tracerProvider, "getTracer");
  callable("serverSpan", serverSpan);
  const agentIdentity = flag("agentIdentity", options.agentIdentity);
  const tracer = tracerProvider.getTracer(SCOPE);
  return {
    onStart(operation) {
      const { name, message } = operation;
      const attributes = message ? mcpAttributes(message) : {};
      const server = name === "verify" ? serverSpan(message ?? {}) : undefined;
      if (server) return (event) => decorate(server, attributes, event, agentIdentity);
      const { parent, link } = lineageOf(operation);
      const links = link ? { links: [{ context: link }] } : {};
      const span = tracer.startSpan(`attestation.${name}`, { attributes, ...links }, parent);
      return (event) => end(span, event, agentIdentity);
    },
    onEvent(event) {
      if (event.type !== "guard" && event.type !== "demand") return;
      const { method } = event;
      const server = serverSpan(method === undefined ? {} : { method });
      if (server) report(server, event, agentIdentity);
    },
  };
}

function lineageOf(operation: ObservedOperation): { parent: Context; link?: SpanContext } {
  const active = context.active();
  const remote = remoteSpanOf(operation);
  if (!remote) return { parent: active };
  const local = trace.getSpanContext(active);
  if (local?.traceId === remote.traceId) return { parent: active };
  const parent = trace.setSpanContext(ROOT_CONTEXT, remote);
  return local && isSpanContextValid(local) ? { parent, link: local } : { parent };
}

/** The sender's span by W3C Trace Context, whatever propagator the process uses for other things: MCP knows only this one. */
function remoteSpanOf({ traceparent, tracestate }: ObservedOperation): SpanContext | undefined {
  const [version, traceId = "", spanId = "", flags = ""] = traceparent?.split("-") ?? [];
  if (version === undefined || version === "ff") return undefined;
  const span: SpanContext = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
    ...(tracestate !== undefined && { traceState: createTraceState(tracestate) }),
  };
  return isSpanContextValid(span) ? span : undefined;
}

function end(span: Span, event: AttestationEvent, agentIdentity: boolean): void {
  const { outcome, reason } = event as { outcome?: string; reason?: string };
  span.setAttributes(attestedAttributes(event, agentIdentity));
  const failed = outcome === "failed" || reason === "attestation_unavailable";
  if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
