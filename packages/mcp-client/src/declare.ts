import {
  CAPABILITY,
  DECLARED_VERSION,
  EXTENSION,
  type Feature,
  isJsonObject,
  MCP_CLIENT_CAPABILITIES,
  MCP_PROTOCOL_VERSION,
  SIGNING_ALGORITHMS,
} from "@attest/core";

type Json = Record<string, unknown>;

/** Whether a client declares itself in a message: in `initialize`, and in each request of the stateless era (SPEC §4). */
export function isDeclaring(message: Json): boolean {
  const meta = objectOf(objectOf(message["params"])["_meta"]);
  return message["method"] === "initialize" || typeof meta[MCP_PROTOCOL_VERSION] === "string";
}

/** Declares attestation in such a message, as its protocol era has it. */
export function declare(message: Json, features: readonly Feature[]): Json {
  const params = objectOf(message["params"]);
  if (message["method"] === "initialize") {
    const capability = {
      version: DECLARED_VERSION.attestation,
      supported_algorithms: SIGNING_ALGORITHMS,
      features,
    };
    return { ...message, params: declareCapability(params, capability) };
  }
  return { ...message, params: declareExtension(params, features) };
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
function declareExtension(params: Json, features: readonly Feature[]): Json {
  const meta = objectOf(params["_meta"]);
  const capabilities = objectOf(meta[MCP_CLIENT_CAPABILITIES]);
  const declared = { version: DECLARED_VERSION.attestation, features };
  const extensions = { ...objectOf(capabilities["extensions"]), [EXTENSION]: declared };
  return { ...params, _meta: { ...meta, [MCP_CLIENT_CAPABILITIES]: { ...capabilities, extensions } } };
}

/** The value if it is an object, an empty object otherwise. */
export function objectOf(value: unknown): Json {
  return isJsonObject(value) ? value : {};
}
