import type { ProofRequest } from "@attest/core";
import { objectOf } from "./declare.ts";

const decoder = new TextDecoder();

/** The name of the tool that a message calls; `undefined` for every other message, and for a body that is not one. */
export function calledTool(request: ProofRequest): string | undefined {
  if (request.kind === "response" || (request.kind === "http" && request.method !== "POST")) return undefined;
  const { method, params } = request.kind === "http" ? messageIn(request.body) : request;
  const { name } = objectOf(params);
  return method === "tools/call" && typeof name === "string" ? name : undefined;
}

function messageIn(body: Uint8Array | undefined): Record<string, unknown> {
  try {
    return objectOf(JSON.parse(decoder.decode(body)));
  } catch {
    return {};
  }
}
