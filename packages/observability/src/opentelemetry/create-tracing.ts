import {
  type AttestationEvent,
  type ObservedOperation,
  type Observer,
  refuseUnknownOptions,
  type VerificationEvent,
} from "@attest/core";
import {
  type Attributes,
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
import { createLabeller } from "../metrics/instruments.ts";
import { assertMethod } from "../options.ts";
import { SCOPE } from "./create-metrics.ts";

/**
 * Spans `attestation.verify`, `attestation.issue` and `attestation.jwks.fetch` for OpenTelemetry, through its API.
 *
 * A span's parent is the span that is active where the operation runs, if it belongs to the trace that the message
 * carries in `_meta.traceparent` or the message carries none: a server that is instrumented itself has made it. Else the
 * parent is the sender's span, and the active one is linked. Trace context is the peer's word: it decides where a span is
 * filed, and with a parent-based sampler whether, and nothing else.
 *
 * A span has the status error when this side failed. A refused peer is no failure of the server's: `error.type` has the
 * code, the status is left unset.
 *
 * @param options Where spans go.
 * @param options.tracerProvider Default: the global one, whenever it is registered.
 * @throws AttestationError `ERR_OPTION`.
 */
export function createTracing(options: { tracerProvider?: TracerProvider } = {}): Observer {
  refuseUnknownOptions(options, { tracerProvider: true }, "tracing");
  const { tracerProvider = trace.getTracerProvider() } = options;
  assertMethod("tracerProvider", tracerProvider, "getTracer");
  const tracer = tracerProvider.getTracer(SCOPE);
  return {
    onStart(operation) {
      const { parent, link } = lineageOf(operation);
      const span = tracer.startSpan(
        `attestation.${operation.name}`,
        link ? { links: [{ context: link }] } : {},
        parent,
      );
      return (event) => end(span, event);
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

const labelsOf = createLabeller([
  "outcome",
  "policy",
  "format",
  "profile",
  "proof",
  "trustLevel",
  "issuer",
  "reason",
  "code",
  "remembered",
]);

/**
 * Unlike a label, a span may say who: `subject` and the thumbprint of a verified agent's public key; how many links of delegation are
 * between it and the attested agent, and how many authorities speak for that, with the second one's name.
 */
function end(span: Span, event: AttestationEvent): void {
  const attributes: Attributes = labelsOf(event);
  const { outcome, reason, remembered, subject, keyThumbprint, delegation, nestedIssuer } =
    event as Partial<VerificationEvent>;
  if (remembered !== undefined) attributes["attestation.remembered"] = remembered;
  if (subject !== undefined) attributes["attestation.subject"] = subject;
  if (keyThumbprint !== undefined) attributes["attestation.key_thumbprint"] = keyThumbprint;
  if (subject !== undefined) {
    attributes["attestation.delegation_depth"] = delegation?.length ?? 0;
    attributes["attestation.layers"] = nestedIssuer === undefined ? 1 : 2;
  }
  if (nestedIssuer !== undefined) attributes["attestation.nested_issuer"] = nestedIssuer;
  span.setAttributes(attributes);
  const failed = (outcome as string) === "failed" || reason === "attestation_unavailable";
  if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
