import type { AttestationContext } from "@attest/core";
import { contextOf } from "./guard/exchange.ts";

/**
 * What either SDK gives to a handler: v1's context has `_meta`, v2's has it on `mcpReq`. The `params` of a request serve as
 * well, for frameworks that pass those on and no context.
 */
export type HandlerContext = { readonly _meta?: unknown } | { readonly mcpReq: { readonly _meta?: unknown } };

/**
 * The verified agent behind the request that a handler serves. `undefined` if none was verified, or no guard saw the request.
 *
 * @example
 * ```ts
 * import { attestationOf } from "@attest/mcp-server";
 * import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
 *
 * declare const server: McpServer; // which `attestServer` guards
 * const nameOf = (context: object) => attestationOf(context)?.subject ?? "nobody";
 * server.registerTool("whoami", {}, (context) => ({ content: [{ type: "text", text: nameOf(context) }] }));
 * ```
 */
export function attestationOf(context: HandlerContext): AttestationContext | undefined {
  return contextOf(metaOf(context));
}

/** The `_meta` of the request, as either SDK's context holds it. */
export function metaOf(context: unknown): unknown {
  if (typeof context !== "object" || context === null) return undefined;
  const { mcpReq, _meta } = context as { mcpReq?: { _meta?: unknown }; _meta?: unknown };
  return mcpReq === undefined ? _meta : mcpReq?._meta;
}
