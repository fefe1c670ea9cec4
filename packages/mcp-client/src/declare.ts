import { CAPABILITY, EXTENSION, MCP_CLIENT_CAPABILITIES, VERSION } from "@attest/core";

type Json = Record<string, unknown>;

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
export function declareExtension(params: Json): Json {
  const meta = objectOf(params["_meta"]);
  const capabilities = objectOf(meta[MCP_CLIENT_CAPABILITIES]);
  const extensions = { ...objectOf(capabilities["extensions"]), [EXTENSION]: { version: VERSION.bound } };
  return { ...params, _meta: { ...meta, [MCP_CLIENT_CAPABILITIES]: { ...capabilities, extensions } } };
}

/** An object as it is; an empty one in the place of anything else. */
export function objectOf(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
