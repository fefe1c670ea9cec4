import { META_PREFIX } from "@attest/core";
import type { AttestingAgent } from "./attesting-agent.ts";

/** A JSON-RPC request or notification with both credentials in one member of its `_meta`. */
export async function attestCompactly<M extends { readonly method: string; readonly params?: object }>(
  agent: AttestingAgent,
  audience: string,
  message: M,
): Promise<M> {
  const { method, params = {} } = message;
  const { attestation, proof } = await agent.credentialsFor(audience, { kind: "message", method, params });
  const credentials = { [`${META_PREFIX}credentials`]: `${attestation}~${proof}` };
  return { ...message, params: { ...params, _meta: { ...(params as { _meta?: object })._meta, ...credentials } } };
}
