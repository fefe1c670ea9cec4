import { CAPABILITY, META_ATTESTATION, META_PROOF } from "@attest/core";
import { isInitialize, type JsonRpcMessage, objectAt } from "./json-rpc.ts";

/** What an HTTP request brings beside its JSON-RPC message. */
export interface HttpRequest {
  readonly method: string;
  /** The raw bytes that were received. */
  readonly body?: Uint8Array;
  /** The `Agent-Attestation` field; several of it as a list, which is refused. */
  readonly attestation?: string | readonly string[];
  readonly proof?: string | readonly string[];
  /** The credential of a `Bearer` or `DPoP` `Authorization` field. */
  readonly accessToken?: string;
  /** The `Mcp-Session-Id` field. */
  readonly sessionId?: string;
}

/** What a message came with, and where. */
export interface Presented {
  readonly carrier: "in-band" | "headers" | "bearer" | "none";
  readonly attestation: unknown;
  readonly proof: unknown;
}

/** Finds the credentials of a message; `undefined` if it uses more than one carrier, or one where it has no place (SPEC §4). */
export function findCredentials(
  message: JsonRpcMessage | undefined,
  http: HttpRequest | undefined,
): Presented | undefined {
  const found: Presented[] = [];
  const meta = objectAt(bodyOf(message), "_meta");
  if (Object.hasOwn(meta, META_ATTESTATION) || Object.hasOwn(meta, META_PROOF)) {
    found.push({ carrier: "in-band", attestation: present(meta, META_ATTESTATION), proof: present(meta, META_PROOF) });
  }
  if (http?.attestation !== undefined || http?.proof !== undefined) {
    if (typeof http.attestation === "object" || typeof http.proof === "object") return undefined;
    found.push({ carrier: "headers", attestation: http.attestation, proof: http.proof });
  }
  if (isInitialize(message)) {
    const experimental = objectAt(objectAt(message.params, "capabilities"), "experimental");
    const capability = objectAt(experimental, CAPABILITY);
    if (Object.hasOwn(capability, "token")) {
      found.push({ carrier: "bearer", attestation: present(capability, "token"), proof: undefined });
    }
  }
  if (found.length > 1) return undefined;
  return found[0] ?? { carrier: "none", attestation: undefined, proof: undefined };
}

/** The `params` of an `initialize` as they may be dispatched: whoever got hold of a bearer token could still use it. */
export function withoutBearerToken(params: unknown): unknown {
  const capabilities = objectAt(params, "capabilities");
  const experimental = objectAt(capabilities, "experimental");
  const { token, ...declared } = objectAt(experimental, CAPABILITY);
  if (token === undefined) return params;
  return {
    ...(params as object),
    capabilities: { ...capabilities, experimental: { ...experimental, [CAPABILITY]: declared } },
  };
}

/** The part of a message that has a `_meta`. */
export function bodyOf(message: JsonRpcMessage | undefined): unknown {
  if (message === undefined || message.kind === "error") return undefined;
  return message.kind === "response" ? message.result : message.params;
}

/** A member that is there, even as `undefined`, was presented: it must not pass for nothing. */
function present(members: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(members, name) ? (members[name] ?? null) : undefined;
}
