import type { ObservedMessage } from "@attest/core";
import type { Attributes } from "@opentelemetry/api";

/** OpenTelemetry's names for a message, by its conventions for MCP, which are in development. */
export const MCP = {
  method: "mcp.method.name",
  protocolVersion: "mcp.protocol.version",
  requestId: "jsonrpc.request.id",
  tool: "gen_ai.tool.name",
  prompt: "gen_ai.prompt.name",
  transport: "network.transport",
} as const;

/** Methods whose target has an attribute. A resource's URI has one too, and is left out: it may hold what is secret. */
const TARGETS: Readonly<Record<string, string>> = { "tools/call": MCP.tool, "prompts/get": MCP.prompt };

/** What a span says of the message that it is about. */
export function mcpAttributes({ method, target, id, protocolVersion, transport }: ObservedMessage): Attributes {
  const named = method === undefined || !Object.hasOwn(TARGETS, method) ? undefined : TARGETS[method];
  return {
    ...(method !== undefined && { [MCP.method]: method }),
    ...(named !== undefined && target !== undefined && { [named]: target }),
    ...(id !== undefined && { [MCP.requestId]: id }),
    ...(protocolVersion !== undefined && { [MCP.protocolVersion]: protocolVersion }),
    ...(transport !== undefined && { [MCP.transport]: transport }),
  };
}
