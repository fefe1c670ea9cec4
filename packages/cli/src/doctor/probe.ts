import { randomUUID } from "node:crypto";
import {
  CAPABILITY,
  EXTENSION,
  HTTP_FIELDS,
  isJsonObject,
  isReason,
  MCP_CLIENT_CAPABILITIES,
  MCP_PROTOCOL_VERSION,
  MISSING_EXTENSION,
  type Reason,
  trustLevelOfStatus,
} from "@attest/core";
import type { HttpOutcome } from "./wire-client.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/** What a server says of its own attestation. Its words, not verified in any part. */
export interface Advertised {
  readonly version?: string;
  readonly policy?: string;
  /** `false`: the guard only reports, and refuses nothing. */
  readonly enforced?: false;
  readonly verificationStatus?: string;
  readonly trustLevel?: string;
  readonly requiredClaims?: readonly string[];
  readonly trustedIssuers?: readonly string[];
  /** Parts of the protocol that it names, such as `tickets` and `delegation`. */
  readonly features?: readonly string[];
}

/** What one request came to. */
export type Probe =
  | { readonly outcome: "failed"; readonly code: string }
  /** HTTP, but no JSON-RPC answer. */
  | { readonly outcome: "http"; readonly status: number; readonly contentType?: string; readonly location?: string }
  | {
      readonly outcome: "error";
      readonly status: number;
      readonly code?: number;
      readonly message?: string;
      readonly reason?: Reason;
      /** Whether an HTTP field says the reason too, as every gate does; a guard behind the transport cannot. */
      readonly byGate: boolean;
      readonly advertised?: Advertised;
    }
  | {
      readonly outcome: "result";
      readonly status: number;
      readonly protocolVersions: readonly string[];
      readonly server?: string;
      readonly advertised?: Advertised;
    };

/** The versions of MCP that are asked for: the last with a handshake, and the first without. */
export const HANDSHAKE_VERSION = "2025-11-25";
const STATELESS_VERSION = "2026-07-28";

const CLIENT = { name: "attest-doctor", version: "1" };

/** An `initialize` request. @param capability The client's `security.attestation`, which says at least that it knows it. */
export function initializeRequest(id: string, capability: object): ProbeRequest["message"] {
  const capabilities = { experimental: { [CAPABILITY]: capability } };
  const params = { protocolVersion: HANDSHAKE_VERSION, capabilities, clientInfo: CLIENT };
  const message = { jsonrpc: "2.0", id, method: "initialize", params };
  return message;
}

/** A JSON-RPC request, and the HTTP fields that it must come with. */
export interface ProbeRequest {
  readonly message: { readonly id: string };
  readonly headers: Record<string, string>;
}

/** A request of the stateless era, and the HTTP fields that it must come with. */
export function statelessRequest(method: string, params: JsonObject = {}): ProbeRequest {
  const _meta = {
    [MCP_PROTOCOL_VERSION]: STATELESS_VERSION,
    "io.modelcontextprotocol/clientInfo": CLIENT,
    [MCP_CLIENT_CAPABILITIES]: { extensions: { [EXTENSION]: {} } },
  };
  const message = { jsonrpc: "2.0", id: randomUUID(), method, params: { ...params, _meta } };
  const name = params["name"] ?? params["uri"];
  return {
    message,
    headers: {
      "mcp-protocol-version": STATELESS_VERSION,
      "mcp-method": method,
      ...(typeof name === "string" && { "mcp-name": name }),
    },
  };
}

/** A request of the handshake era that belongs to no session. */
export function plainRequest(method: string, params: JsonObject = {}): ProbeRequest {
  const message = { jsonrpc: "2.0", id: randomUUID(), method, params };
  return { message, headers: { "mcp-protocol-version": HANDSHAKE_VERSION } };
}

/** Whether credentials were taken. A server without a handshake may verify them and then know no `initialize`. */
export function accepted(probe: Probe): boolean {
  return "advertised" in probe && probe.advertised?.verificationStatus === "verified";
}

/** Reads an exchange for what it says about attestation. */
export function readProbe(exchange: HttpOutcome): Probe {
  if (exchange.outcome === "failed") return exchange;
  const { status, headers, message } = exchange;
  if (!message) {
    const contentType = headers.get("content-type");
    const location = headers.get("location");
    return {
      outcome: "http",
      status,
      ...(contentType !== null && { contentType }),
      ...(location !== null && { location }),
    };
  }
  return "error" in message
    ? readError(status, headers, objectIn(message, "error"))
    : readResult(status, headers, objectIn(message, "result"));
}

function readError(status: number, headers: Headers, error: JsonObject): Probe {
  const data = objectIn(error, "data");
  const { code, message } = error;
  const missing = Object.hasOwn(objectIn(objectIn(data, "requiredCapabilities"), "extensions"), EXTENSION);
  const lacksExtension = code === MISSING_EXTENSION && missing;
  const told = [data["reason"], headers.get(HTTP_FIELDS.error)].find(isReason);
  const reason = told ?? (lacksExtension ? "attestation_required" : undefined);
  // An error without a reason of ours came from behind the guard, which may have verified all the same.
  const advertised = reason === undefined ? readStatus(headers) : readAdvertised(data);
  return {
    outcome: "error",
    status,
    ...(Number.isSafeInteger(code) && { code: code as number }),
    ...(typeof message === "string" && { message }),
    ...(reason !== undefined && { reason }),
    byGate: headers.has(HTTP_FIELDS.error),
    ...(advertised && { advertised }),
  };
}

function readResult(status: number, headers: Headers, result: JsonObject): Probe {
  const capabilities = objectIn(result, "capabilities");
  const experimental = objectIn(capabilities, "experimental");
  const extensions = objectIn(capabilities, "extensions");
  const server = serverName(result);
  const said = Object.hasOwn(experimental, CAPABILITY)
    ? objectIn(experimental, CAPABILITY)
    : Object.hasOwn(extensions, EXTENSION)
      ? objectIn(extensions, EXTENSION)
      : undefined;
  const advertised = { ...(said && readAdvertised(said)), ...readStatus(headers) };
  return {
    outcome: "result",
    status,
    protocolVersions:
      typeof result["protocolVersion"] === "string"
        ? [result["protocolVersion"]]
        : (textsIn(result, "supportedVersions") ?? []),
    ...(server !== undefined && { server }),
    ...(Object.keys(advertised).length > 0 && { advertised }),
  };
}

/** The guard's own word on one request, in an HTTP field. */
function readStatus(headers: Headers): Advertised | undefined {
  const trustLevel = trustLevelOfStatus(headers.get(HTTP_FIELDS.status));
  return trustLevel === undefined ? undefined : { verificationStatus: "verified", trustLevel };
}

function readAdvertised(said: JsonObject): Advertised {
  const texts = {
    version: textIn(said, "version"),
    policy: textIn(said, "policy"),
    verificationStatus: textIn(said, "verification_status"),
    trustLevel: textIn(said, "trust_level"),
    requiredClaims: textsIn(said, "required_claims"),
    trustedIssuers: textsIn(said, "trusted_issuers") ?? textsIn(said, "trustedIssuers"),
    features: textsIn(said, "features"),
  };
  const known = Object.fromEntries(Object.entries(texts).filter(([, value]) => value !== undefined));
  return { ...known, ...(Object.hasOwn(said, "enforced") && said["enforced"] === false && { enforced: false }) };
}

function serverName(result: JsonObject): string | undefined {
  const inMeta = objectIn(objectIn(result, "_meta"), "io.modelcontextprotocol/serverInfo");
  for (const info of [objectIn(result, "serverInfo"), inMeta]) {
    const name = textIn(info, "name");
    if (name !== undefined) return [name, textIn(info, "version")].filter((part) => part !== undefined).join(" ");
  }
  return undefined;
}

const MAX_TEXT = 512;
const MAX_LIST = 64;

function textIn(object: JsonObject, name: string): string | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return typeof value === "string" ? value.slice(0, MAX_TEXT) : undefined;
}

function textsIn(object: JsonObject, name: string): readonly string[] | undefined {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  if (!Array.isArray(value)) return undefined;
  const texts = value.filter((text): text is string => typeof text === "string");
  return texts.slice(0, MAX_LIST).map((text) => text.slice(0, MAX_TEXT));
}

function objectIn(object: JsonObject, name: string): JsonObject {
  const value = Object.hasOwn(object, name) ? object[name] : undefined;
  return isJsonObject(value) ? value : {};
}
