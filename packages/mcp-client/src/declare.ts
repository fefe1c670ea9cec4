import {
  CAPABILITY,
  EXTENSION,
  isJsonObject,
  MCP_CLIENT_CAPABILITIES,
  MCP_PROTOCOL_VERSION,
  SIGNING_ALGORITHMS,
  VERSION,
} from "@attest/core";

type Json = Record<string, unknown>;

/** Declares attestation as the protocol era of the message has it; every other message is returned as it is (SPEC §4). */
export function declare(message: Json): Json {
  const params = objectOf(message["params"]);
  if (message["method"] === "initialize") {
    const capability = { version: VERSION.attestation, supported_algorithms: SIGNING_ALGORITHMS };
    return { ...message, params: declareCapability(params, capability) };
  }
  const stateless = typeof objectOf(params["_meta"])[MCP_PROTOCOL_VERSION] === "string";
  return stateless ? { ...message, params: declareExtension(params) } : message;
}

/** A copy of `initialize` params that declares the capability, as clients of the handshake era do (SPEC §4). */
export function declareCapability(params: object, capability: object): object {
  const { capabilities } = params as { capabilities?: unknown };
  const experimental = objectOf(objectOf(capabilities)["experimental"]);
  const declared = { ...capability, attestation_types: ["provider", "enterprise"] };
  return {
    ...params,
    capabilities: { ...objectOf(capabilities), experimental: { ...experimental, [CAPABILITY]: declared } },
  };
}

/** A copy of a stateless request's `params` that declares the extension in its envelope (SPEC §4). */
function declareExtension(params: Json): Json {
  const meta = objectOf(params["_meta"]);
  const capabilities = objectOf(meta[MCP_CLIENT_CAPABILITIES]);
  const extensions = { ...objectOf(capabilities["extensions"]), [EXTENSION]: { version: VERSION.attestation } };
  return { ...params, _meta: { ...meta, [MCP_CLIENT_CAPABILITIES]: { ...capabilities, extensions } } };
}

/** The value if it is an object, an empty object otherwise. */
export function objectOf(value: unknown): Json {
  return isJsonObject(value) ? value : {};
}
