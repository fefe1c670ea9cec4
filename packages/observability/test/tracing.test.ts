import { type AttestationEvent, begin } from "@attest/core";
import { createTracing } from "@attest/observability/opentelemetry";
import { LATEST_PROTOCOL_VERSION } from "@modelcontextprotocol/sdk/types.js";
import { context, ROOT_CONTEXT, SpanKind, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTelemetry, type Telemetry } from "./telemetry.ts";
import { spansNamed, tracedExchange } from "./traced-exchange.ts";

let telemetry: Telemetry;
let tracer: Tracer;
beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => context.disable());
beforeEach(() => {
  telemetry = createTelemetry();
  tracer = telemetry.tracerProvider.getTracer("test");
});
afterEach(() => telemetry.shutdown());

const parentOf = (span: ReadableSpan | undefined) => span?.parentSpanContext;

describe("a verification's span, over a real MCP exchange", () => {
  it("is a child of the server's span, which is a child of the client's: one trace", async () => {
    const call = await tracedExchange(telemetry, telemetry.observer, { serverTracer: tracer });
    const [server] = spansNamed(telemetry, "server tools/call");
    const [verify] = spansNamed(telemetry, "attestation.verify");
    expect(parentOf(server)?.spanId).toBe(call.spanContext().spanId);
    expect(parentOf(verify)?.spanId).toBe(server?.spanContext().spanId);
    const traces = [call, server, verify].map((span) => span?.spanContext().traceId);
    expect(new Set(traces)).toEqual(new Set([call.spanContext().traceId]));
    expect(verify?.kind).toBe(SpanKind.INTERNAL);
    expect(verify?.status.code).toBe(SpanStatusCode.UNSET);
    expect(verify?.attributes).toEqual({
      "attestation.outcome": "verified",
      "attestation.policy": "required",
      "attestation.format": "attestation",
      "attestation.profile": "bound",
      "attestation.proof": "mac",
      "attestation.delegation_depth": 0,
      "attestation.layers": 1,
      "attestation.trust_level": "provider",
      "attestation.issuer": "https://authority.example",
      "attestation.subject": "spiffe://example.com/model/example-1",
      "attestation.key_thumbprint": expect.stringMatching(/^[\w-]{43}$/),
      "attestation.remembered": true,
      "mcp.method.name": "tools/call",
      "gen_ai.tool.name": "close",
      "jsonrpc.request.id": "1",
      "mcp.protocol.version": LATEST_PROTOCOL_VERSION,
      "network.transport": "pipe",
    });
  });

  it("is a child of the client's span where the server is not instrumented", async () => {
    const call = await tracedExchange(telemetry, telemetry.observer);
    const [verify] = spansNamed(telemetry, "attestation.verify");
    expect(parentOf(verify)).toMatchObject({ ...ids(call), isRemote: true });
  });
});

function ids(span: ReadableSpan): { traceId: string; spanId: string } {
  const { traceId, spanId } = span.spanContext();
  return { traceId, spanId };
}

describe("a span", () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const spanId = "b7ad6b7169203331";
  const traceparent = `00-${traceId}-${spanId}-01`;
  const refused: AttestationEvent = {
    type: "verification",
    outcome: "refused",
    policy: "required",
    trustLevel: "none",
    reason: "attestation_invalid",
    code: "ERR_ATTESTATION_SIGNATURE",
    remembered: false,
    duration: 0.001,
  };
  const run = (operation: Parameters<typeof begin>[1], event: AttestationEvent = refused) => {
    begin(telemetry.observer, operation)(event);
    const [span] = telemetry.spans.getFinishedSpans().slice(-1);
    if (!span) throw new Error("No span ended");
    return span;
  };

  it("links the active span where the message belongs to another trace", () => {
    const ambient = tracer.startSpan("POST");
    const span = context.with(trace.setSpan(ROOT_CONTEXT, ambient), () => run({ name: "verify", traceparent }));
    expect(parentOf(span)).toMatchObject({ traceId, spanId });
    expect(span.links.map((link) => link.context)).toEqual([ambient.spanContext()]);
  });

  it("is a child of the active span where the message carries no context", () => {
    const ambient = tracer.startSpan("POST");
    const span = context.with(trace.setSpan(ROOT_CONTEXT, ambient), () => run({ name: "issue" }));
    expect(parentOf(span)?.spanId).toBe(ambient.spanContext().spanId);
    expect(span.links).toEqual([]);
  });

  it("keeps the sender's trace state and sampling decision", () => {
    const span = run({ name: "verify", traceparent, tracestate: "vendor=1,other=2" });
    expect(span.spanContext().traceState?.serialize()).toBe("vendor=1,other=2");
    const before = telemetry.spans.getFinishedSpans().length;
    begin(telemetry.observer, { name: "verify", traceparent: `00-${traceId}-${spanId}-00` })(refused);
    expect(telemetry.spans.getFinishedSpans()).toHaveLength(before);
  });

  it.each([
    ["an unknown version", `ff-${traceId}-${spanId}-01`],
    ["a trace id of zeros", `00-${"0".repeat(32)}-${spanId}-01`],
    ["a span id of zeros", `00-${traceId}-${"0".repeat(16)}-01`],
    ["what has no form at all", "no context"],
  ])("begins a trace of its own for %s", (_, traceparent) => {
    const span = run({ name: "verify", traceparent });
    expect(parentOf(span)).toBeUndefined();
    expect(span.spanContext().traceId).not.toBe(traceId);
  });

  it("says why a peer was refused, without calling that an error of the server's", () => {
    const span = run({ name: "verify" });
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(span.attributes).toMatchObject({
      "error.type": "ERR_ATTESTATION_SIGNATURE",
      "attestation.reason": "attestation_invalid",
    });
  });

  it.each<[string, Parameters<typeof begin>[1]["name"], AttestationEvent]>([
    [
      "a verification that the server could not make",
      "verify",
      { ...refused, reason: "attestation_unavailable", code: "ERR_REPLAY_CACHE_UNAVAILABLE" } as AttestationEvent,
    ],
    [
      "an issuance that failed",
      "issue",
      {
        type: "issuance",
        outcome: "failed",
        format: "attestation",
        profile: "bound",
        issuer: "https://a.example",
        code: "ERR_OPTION",
        duration: 0,
      },
    ],
    [
      "a fetch of keys that failed",
      "jwks.fetch",
      {
        type: "key-fetch",
        outcome: "failed",
        issuer: "https://a.example",
        code: "ERR_KEY_SOURCE_UNAVAILABLE",
        duration: 0,
      },
    ],
  ])("has the status error for %s", (_, name, event) => {
    const span = run({ name }, event);
    expect(span.name).toBe(`attestation.${name}`);
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(span.attributes["error.type"]).toBe((event as { code?: string }).code);
  });

  it("is made by the global provider where none is given, whenever that is registered", () => {
    const observer = createTracing();
    const exporter = new InMemorySpanExporter();
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
    try {
      begin(observer, { name: "issue" })(refused);
      expect(exporter.getFinishedSpans()).toHaveLength(1);
    } finally {
      trace.disable();
    }
  });
});
