import { CAPABILITY, type Carrier, META_ATTESTATION, META_PROOF } from "@attest/core";
import { bodyOf, isInitialize, type JsonRpcMessage, objectAt } from "./json-rpc.ts";

/** What an HTTP request brings besides its JSON-RPC message. */
export interface HttpRequest {
  /** The HTTP method, in upper case. Proofs in HTTP fields cover it. */
  readonly method: string;
  /** The raw bytes that were received. */
  readonly body?: Uint8Array;
  /** The `Agent-Attestation` field; several of it as a list, which is refused. */
  readonly attestation?: string | readonly string[];
  /** The `Agent-Attestation-Proof` field, likewise. */
  readonly proof?: string | readonly string[];
  /** The `Authorization` field, as received. */
  readonly authorization?: string;
  /** The `Mcp-Session-Id` field. */
  readonly sessionId?: string;
  /** The `MCP-Protocol-Version` field, for observers: nothing is decided by it. */
  readonly protocolVersion?: string;
  /** Whether credentials came in HTTP fields that no gate read, so that they cannot be verified any more. Default false. */
  readonly ungated?: boolean;
}

/** What a message came with, and where. */
export interface Presented {
  readonly carrier: Exclude<Carrier, "session">;
  readonly attestation: unknown;
  readonly proof: unknown;
}

/** Finds the credentials of a message. Returns `undefined` if it uses more than one carrier, or one in the wrong place (SPEC §4). */
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

/** The `params` of an `initialize` without the bearer token, which anybody who reads it could still use. */
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

/** A member that is there, even as `undefined`, was presented: it must not count as nothing. */
function present(members: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(members, name) ? (members[name] ?? null) : undefined;
}
