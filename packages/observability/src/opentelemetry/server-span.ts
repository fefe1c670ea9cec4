import type { ObservedMessage } from "@attest/core";
import { type Attributes, type Span, SpanKind, trace } from "@opentelemetry/api";
import { MCP } from "./mcp-attributes.ts";

/** What spans of OpenTelemetry's SDK can be asked, and its API does not promise. */
type Readable = Span & { readonly kind?: SpanKind; readonly attributes?: Attributes };

/** The attributes that a span has so far; empty where it does not say. */
export function attributesOf(span: Span): Attributes {
  return (span as Readable).attributes ?? {};
}

/**
 * The active span, if it is the one that an instrumented MCP server made for a message: of kind server, with the method's name.
 *
 * @param message The message. A span that names another method or another request is not its span.
 */
export function activeServerSpan(message: Pick<ObservedMessage, "method" | "id">): Span | undefined {
  const span: Readable | undefined = trace.getActiveSpan();
  if (span?.kind !== SpanKind.SERVER || !span.isRecording()) return undefined;
  const { [MCP.method]: method, [MCP.requestId]: id } = attributesOf(span);
  if (typeof method !== "string" || (message.method !== undefined && method !== message.method)) return undefined;
  return id !== undefined && message.id !== undefined && String(id) !== message.id ? undefined : span;
}
