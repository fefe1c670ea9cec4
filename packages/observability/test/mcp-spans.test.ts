import { AttestationVerifier } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { AttestationGuard } from "@attest/mcp-server";
import { createTracing, type TracingOptions } from "@attest/observability/opentelemetry";
import { type Attributes, context, type Span, SpanKind, type Tracer, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import * as conventions from "@opentelemetry/semantic-conventions/incubating";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { attestedMessage } from "./attested-message.ts";
import { createTelemetry, type Telemetry } from "./telemetry.ts";
import { spansNamed, tracedExchange } from "./traced-exchange.ts";

const SUBJECT = "spiffe://example.com/model/example-1";
const VERIFY = "attestation.verify";
const CALL = { jsonrpc: "2.0", id: 7, method: "tools/call", params: { name: "close" } };

let telemetry: Telemetry;
let tracer: Tracer;
let authority: TestAuthority;
beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => context.disable());
beforeEach(async () => {
  telemetry = createTelemetry();
  tracer = telemetry.tracerProvider.getTracer("test");
  authority = await createTestAuthority();
});
afterEach(() => telemetry.shutdown());

const tracing = (options: TracingOptions = {}) =>
  createTracing({ tracerProvider: telemetry.tracerProvider, ...options });
const guardOf = (options: TracingOptions = {}) =>
  new AttestationGuard({ ...authority.verifierOptions, observer: tracing(options) });

/** The attributes of the one span of this name. */
function attributesOf(name: string): Attributes {
  const [span, ...others] = spansNamed(telemetry, name);
  expect(others).toEqual([]);
  return span?.attributes ?? {};
}

describe("a verification's span says of its message", () => {
  it("what OpenTelemetry's conventions for MCP name, by the names of their package", async () => {
    await guardOf().check(await attestedMessage(authority, CALL), undefined, {
      method: "POST",
      protocolVersion: "2026-07-28",
    });
    expect(attributesOf(VERIFY)).toMatchObject({
      [conventions.ATTR_MCP_METHOD_NAME]: conventions.MCP_METHOD_NAME_VALUE_TOOLS_CALL,
      [conventions.ATTR_GEN_AI_TOOL_NAME]: "close",
      [conventions.ATTR_JSONRPC_REQUEST_ID]: "7",
      [conventions.ATTR_MCP_PROTOCOL_VERSION]: "2026-07-28",
      [conventions.ATTR_NETWORK_TRANSPORT]: conventions.NETWORK_TRANSPORT_VALUE_TCP,
    });
    await guardOf().check({ ...CALL, method: "prompts/get", params: { name: "summary" } });
    expect(spansNamed(telemetry, VERIFY).at(-1)?.attributes).toMatchObject({
      [conventions.ATTR_MCP_METHOD_NAME]: conventions.MCP_METHOD_NAME_VALUE_PROMPTS_GET,
      [conventions.ATTR_GEN_AI_PROMPT_NAME]: "summary",
      [conventions.ATTR_NETWORK_TRANSPORT]: conventions.NETWORK_TRANSPORT_VALUE_PIPE,
    });
  });

  it("nothing of a resource's URI, and no more than a peer's printable words", async () => {
    const guard = guardOf();
    await guard.check({ ...CALL, method: "resources/read", params: { uri: "file:///private" } });
    expect(JSON.stringify(spansNamed(telemetry, VERIFY)[0]?.attributes)).not.toContain("private");
    const http = { method: "POST", protocolVersion: "2026\n07" };
    await guard.check({ ...CALL, id: "a\n".repeat(200), method: "m".repeat(80) }, undefined, http);
    const attributes = spansNamed(telemetry, VERIFY)[1]?.attributes ?? {};
    expect(attributes["mcp.method.name"]).toBe("m".repeat(64));
    expect(attributes["jsonrpc.request.id"]).toBe("a?".repeat(128));
    expect(attributes).not.toHaveProperty(["mcp.protocol.version"]);
  });

  it("nothing where the verifier was not given the message", async () => {
    const verifier = new AttestationVerifier({ ...authority.verifierOptions, observer: tracing() });
    await verifier.verify(undefined, { kind: "message", method: "tools/call" });
    expect(Object.keys(attributesOf(VERIFY)).filter((name) => !/^(?:attestation\.|error\.type$)/.test(name))).toEqual(
      [],
    );
  });
});

describe("the span of an instrumented MCP server", () => {
  const describeMessage = ({ id, method }: { id?: unknown; method?: string | undefined }): Attributes => ({
    "mcp.method.name": method ?? "",
    "jsonrpc.request.id": String(id),
    "network.transport": "quic",
  });
  const eventsOf = (span: ReadableSpan | undefined) =>
    span?.events.map(({ name, attributes }) => ({ name, ...attributes }));

  it("is what a verification, the guard's decision and a handler's demand are written on: none makes a span", async () => {
    await tracedExchange(telemetry, tracing(), { serverTracer: tracer, describe: describeMessage });
    expect(spansNamed(telemetry, VERIFY)).toEqual([]);
    const [server] = spansNamed(telemetry, "server tools/call");
    expect(server?.attributes).toMatchObject({
      "mcp.method.name": "tools/call",
      "gen_ai.tool.name": "close",
      "network.transport": "quic",
      "attestation.outcome": "verified",
      "attestation.subject": SUBJECT,
      "attestation.issuer": authority.issuer,
    });
    expect(eventsOf(server)).toEqual([
      { name: VERIFY, "attestation.outcome": "verified" },
      { name: "attestation.guard", "attestation.action": "forward", "attestation.carrier": "in-band" },
      { name: "attestation.demand", "attestation.outcome": "met" },
    ]);
  });

  /** Runs a call of nobody's in an active span of these attributes. */
  async function inSpan(attributes: Attributes, kind = SpanKind.SERVER, options: TracingOptions = {}): Promise<Span> {
    const guard = guardOf(options);
    return tracer.startActiveSpan("server", { kind, attributes }, async (span) => {
      await guard.check(CALL);
      span.end();
      return span;
    });
  }

  it("keeps its status and its error type: a refusal shows as a code of ours", async () => {
    await inSpan({ "mcp.method.name": "tools/call" });
    expect(spansNamed(telemetry, VERIFY)).toEqual([]);
    const [server] = spansNamed(telemetry, "server");
    expect(server?.status.code).toBe(0);
    expect(server?.attributes).toMatchObject({
      "attestation.outcome": "refused",
      "attestation.reason": "attestation_required",
      "attestation.code": "ERR_ATTESTATION_REQUIRED",
      "jsonrpc.request.id": "7",
    });
    expect(server?.attributes).not.toHaveProperty(["error.type"]);
    expect(eventsOf(server)?.map(({ name }) => name)).toEqual([VERIFY, "attestation.guard"]);
  });

  it.each<[string, Attributes, SpanKind]>([
    ["of kind client", { "mcp.method.name": "tools/call" }, SpanKind.CLIENT],
    ["of an HTTP server", { "http.request.method": "POST" }, SpanKind.SERVER],
    ["of another method", { "mcp.method.name": "tools/list" }, SpanKind.SERVER],
    ["of another request", { "mcp.method.name": "tools/call", "jsonrpc.request.id": "8" }, SpanKind.SERVER],
  ])("is not one %s: the verification makes its own, as a child", async (_, attributes, kind) => {
    const active = await inSpan(attributes, kind);
    const [verify] = spansNamed(telemetry, VERIFY);
    expect(verify?.parentSpanContext?.spanId).toBe(active.spanContext().spanId);
    expect(verify?.attributes["error.type"]).toBe("ERR_ATTESTATION_REQUIRED");
  });

  it("is the one that the server names, whatever is active", async () => {
    const own = tracer.startSpan("own");
    const asked: unknown[] = [];
    const serverSpan: TracingOptions["serverSpan"] = (message) => {
      asked.push(message);
      return own;
    };
    await inSpan({}, SpanKind.SERVER, { serverSpan });
    own.end();
    expect(spansNamed(telemetry, VERIFY)).toEqual([]);
    expect(attributesOf("own")).toMatchObject({ "attestation.outcome": "refused", "gen_ai.tool.name": "close" });
    expect(asked[0]).toMatchObject({ method: "tools/call", id: "7" });
    expect(() => tracing({ serverSpan: own as never })).toThrow("serverSpan must be a function");
  });
});

describe("OpenTelemetry's proposed names of an agent's identity", () => {
  it("are written where they are asked for, on either kind of span, and else not", async () => {
    const [id, name] = ["gen_ai.agent.identity.id", "gen_ai.agent.identity.name"] as const;
    await tracedExchange(telemetry, tracing({ agentIdentity: true }));
    expect(attributesOf(VERIFY)).toMatchObject({ [id]: SUBJECT, [name]: "model/example-1" });
    telemetry.spans.reset();
    const describe = () => ({ "mcp.method.name": "tools/call" });
    await tracedExchange(telemetry, tracing({ agentIdentity: true }), { serverTracer: tracer, describe });
    expect(attributesOf("server tools/call")).toMatchObject({ [id]: SUBJECT, [name]: "model/example-1" });
    telemetry.spans.reset();
    await tracedExchange(telemetry, tracing());
    expect(Object.keys(attributesOf(VERIFY)).filter((key) => key.includes("identity"))).toEqual([]);
    expect(trace.getActiveSpan()).toBeUndefined();
  });
});
