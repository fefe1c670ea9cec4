import type { Observer } from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { AttestingAgent, attestTransport, localSource } from "@attest/mcp-client";
import { AttestationGuard, attestServer, requireAttestation } from "@attest/mcp-server";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import {
  type Attributes,
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { expect } from "vitest";
import type { Telemetry } from "./telemetry.ts";

const propagator = new W3CTraceContextPropagator();

/**
 * The server's end of a connection. It runs what arrives outside the sender's context, which in one process would else
 * be there by accident, and, given a tracer, as an instrumented server does: in a span whose parent is the sender's.
 */
class ServerEnd implements Transport {
  onmessage?: Transport["onmessage"];
  onclose?: () => void;
  onerror?: (error: Error) => void;
  readonly #wire: Transport;
  readonly #open = new Map<unknown, Span>();

  constructor(wire: Transport, { serverTracer: tracer, describe = () => ({}) }: ExchangeOptions) {
    this.#wire = wire;
    wire.onclose = () => this.onclose?.();
    wire.onmessage = (message, extra) => {
      const { id, method, params } = message as { id?: unknown; method?: string; params?: { _meta?: object } };
      const sender = propagator.extract(ROOT_CONTEXT, params?._meta ?? {}, defaultTextMapGetter);
      const span = tracer?.startSpan(
        `server ${method}`,
        { kind: SpanKind.SERVER, attributes: describe({ id, method }) },
        sender,
      );
      if (span && id !== undefined) this.#open.set(id, span);
      else span?.end();
      context.with(span ? trace.setSpan(sender, span) : ROOT_CONTEXT, () => this.onmessage?.(message, extra));
    };
  }

  start(): Promise<void> {
    return this.#wire.start();
  }

  send(message: JSONRPCMessage): Promise<void> {
    this.#open.get((message as { id?: unknown }).id)?.end();
    return this.#wire.send(message);
  }

  close(): Promise<void> {
    return this.#wire.close();
  }
}

/** What a server's instrumentation knows of a message. */
interface Seen {
  readonly id?: unknown;
  readonly method?: string | undefined;
}

interface ExchangeOptions {
  /** What an instrumented server makes spans with. Default: it is not instrumented. */
  readonly serverTracer?: Tracer;
  /** The attributes that its spans begin with. Default: none. */
  readonly describe?: (message: Seen) => Attributes;
}

/** A span of this name that has ended. */
export function spansNamed(telemetry: Telemetry, name: string): ReadableSpan[] {
  return telemetry.spans.getFinishedSpans().filter((span) => span.name === name);
}

/** Calls a tool of an attested server as an attested client, in a span of the client's that the message carries. */
export async function tracedExchange(
  telemetry: Telemetry,
  observer: Observer,
  options: ExchangeOptions = {},
): Promise<ReadableSpan> {
  const tracer = telemetry.tracerProvider.getTracer("test");
  const authority = await createTestAuthority();
  const guard = new AttestationGuard({ ...authority.verifierOptions, observer });
  const server = attestServer(new McpServer({ name: "bank", version: "1.0.0" }), guard);
  server.registerTool(
    "close",
    {},
    requireAttestation({ minTrustLevel: "provider" }, () => ({ content: [{ type: "text", text: "closed" }] })),
  );
  const [clientWire, serverWire] = InMemoryTransport.createLinkedPair();
  await server.connect(new ServerEnd(serverWire, options));
  const agent = new AttestingAgent({ source: localSource(authority.provider, authority.identity) });
  const client = new Client({ name: "agent", version: "1.0.0" });
  await client.connect(attestTransport(clientWire, { agent, audience: authority.audience }));
  telemetry.spans.reset();
  const answer = await tracer.startActiveSpan("client call", { kind: SpanKind.CLIENT }, async (span) => {
    const _meta: Record<string, string> = {};
    propagator.inject(context.active(), _meta, defaultTextMapSetter);
    expect(_meta["traceparent"]).toContain(span.spanContext().traceId);
    try {
      return await client.callTool({ name: "close", _meta });
    } finally {
      span.end();
    }
  });
  expect(answer.content).toEqual([{ type: "text", text: "closed" }]);
  await client.close();
  const [call] = spansNamed(telemetry, "client call");
  if (!call) throw new Error("The client's span did not end");
  return call;
}
