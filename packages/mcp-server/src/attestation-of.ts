import type { AttestationContext } from "@attest/core";
import { contextOf } from "./guard/brand.ts";

/** The context that either SDK gives to a handler: v1 has `_meta` on it, v2 has it on `mcpReq`. */
export type HandlerContext = { readonly _meta?: unknown } | { readonly mcpReq: { readonly _meta?: unknown } };

/** The verified agent behind the request that a handler serves; `undefined` if it was not verified, or there is no guard. */
export function attestationOf(context: HandlerContext): AttestationContext | undefined {
  return contextOf(metaOf(context));
}

/** The `_meta` of the request, as either SDK's context holds it. */
export function metaOf(context: unknown): unknown {
  if (typeof context !== "object" || context === null) return undefined;
  const { mcpReq, _meta } = context as { mcpReq?: { _meta?: unknown }; _meta?: unknown };
  return mcpReq === undefined ? _meta : mcpReq?._meta;
}
