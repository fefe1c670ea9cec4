import {
  CAPABILITY,
  DECLARED_VERSION,
  EXTENSION,
  isJsonObject,
  MCP_CLIENT_CAPABILITIES,
  MCP_PROTOCOL_VERSION,
  META_ATTESTATION,
  META_PROOF,
  type ProofRequest,
} from "@attest/core";
import type { Carrier, Era, Message, PresentedCredentials } from "./message.ts";

type Json = Record<string, unknown>;

export const PROTOCOL_VERSION: Readonly<Record<Era, string>> = { handshake: "2025-11-25", stateless: "2026-07-28" };

const CLIENT = { name: "attest-attacks", version: "1.0.0" };

/** The `initialize` of the handshake era, with the capability declared. */
export const INITIALIZE: Message = {
  kind: "request",
  method: "initialize",
  params: {
    protocolVersion: PROTOCOL_VERSION.handshake,
    capabilities: {
      experimental: {
        [CAPABILITY]: { version: DECLARED_VERSION.attestation, supported_algorithms: ["Ed25519", "ES256"] },
      },
    },
    clientInfo: CLIENT,
  },
};

export const LIST_TOOLS: Message = { kind: "request", method: "tools/list", params: {} };

/** A message of JSON-RPC, as its era has it, still without credentials; `undefined` for a request without a message. */
export function jsonRpc(message: Message, era: Era, id: number): Json | undefined {
  if (message.kind === "bodiless") return undefined;
  if (message.kind === "response") return { jsonrpc: "2.0", id: message.id, result: message.result };
  if (message.kind === "error") return { jsonrpc: "2.0", id: message.id, error: message.error };
  const { method, params = {} } = message;
  const complete = era === "stateless" ? { ...params, _meta: { ...metaOf(params), ...stateless() } } : params;
  return { jsonrpc: "2.0", ...(message.kind === "request" && { id }), method, params: complete };
}

function stateless(): Json {
  return {
    [MCP_PROTOCOL_VERSION]: PROTOCOL_VERSION.stateless,
    "io.modelcontextprotocol/clientInfo": CLIENT,
    [MCP_CLIENT_CAPABILITIES]: { extensions: { [EXTENSION]: {} } },
  };
}

/**
 * What a proof in a message covers.
 *
 * @param content The message as it is sent.
 */
export function messageRequest(message: Message, content: Readonly<Json>): ProofRequest {
  if (message.kind === "error") throw new TypeError("An error response has no place for credentials of its own");
  return message.kind === "response"
    ? { kind: "response", id: message.id, result: message.result }
    : { kind: "message", method: String(content["method"]), params: content["params"] };
}

/** The id of the request whose stream a server has opened: of `subscriptions/listen`, it is all that is answered at first. */
export function subscriptionIn({ method, params }: Readonly<Json>): unknown {
  if (method !== "notifications/subscriptions/acknowledged") return undefined;
  return metaOf(objectOf(params))["io.modelcontextprotocol/subscriptionId"];
}

/** A message in a few words. */
export function summaryOf(message: Message, carrier: Carrier, httpMethod?: string): string {
  const what = {
    request: "",
    notification: "notification ",
    response: "result for ",
    error: "error for ",
    bodiless: "",
  }[message.kind];
  const name = "method" in message ? message.method : String(message.id);
  const http = httpMethod === undefined || message.kind === "bodiless" ? "" : `${httpMethod} `;
  return `${http}${what}${name} (${carrier})`;
}

/** Puts credentials into a message; over HTTP fields it stays as it is. */
export function withCredentials(message: Json, { attestation, proof }: PresentedCredentials, carrier: Carrier): Json {
  if (carrier === "headers" || (attestation === undefined && proof === undefined)) return message;
  const member = "result" in message ? "result" : "params";
  const body = objectOf(message[member]);
  if (carrier === "bearer") return { ...message, params: withToken(body, attestation) };
  const meta = {
    ...metaOf(body),
    ...(attestation !== undefined && { [META_ATTESTATION]: attestation }),
    ...(proof !== undefined && { [META_PROOF]: proof }),
  };
  return { ...message, [member]: { ...body, _meta: meta } };
}

function withToken(params: Json, token: unknown): Json {
  const capabilities = objectOf(params["capabilities"]);
  const experimental = objectOf(capabilities["experimental"]);
  const capability = { ...objectOf(experimental[CAPABILITY]), version: DECLARED_VERSION.bearer, token };
  return { ...params, capabilities: { ...capabilities, experimental: { ...experimental, [CAPABILITY]: capability } } };
}

function metaOf(body: Readonly<Json>): Json {
  return objectOf(body["_meta"]);
}

export function objectOf(value: unknown): Json {
  return isJsonObject(value) ? value : {};
}
