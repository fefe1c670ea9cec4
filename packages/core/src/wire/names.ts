import { META_PREFIX } from "../jose/digest.ts";

/** `_meta` keys of the in-band carrier (SPEC §4), and of a server's word on a stateless request. */
export const META_ATTESTATION: `${typeof META_PREFIX}attestation` = `${META_PREFIX}attestation`;
export const META_PROOF: `${typeof META_PREFIX}proof` = `${META_PREFIX}proof`;
export const META_STATUS: `${typeof META_PREFIX}status` = `${META_PREFIX}status`;

/** The MCP extension by which both sides declare themselves in the stateless era. */
export const EXTENSION: `${typeof META_PREFIX}agent-attestation` = `${META_PREFIX}agent-attestation`;

/** The member of `capabilities.experimental` by which they do so at `initialize`; with a `token` it is the bearer carrier. */
export const CAPABILITY = "security.attestation" as const;

/** MCP's own `_meta` keys of a stateless request: that it is one, and what its client declares (MCP 2026-07-28). */
export const MCP_PROTOCOL_VERSION = "io.modelcontextprotocol/protocolVersion" as const;
export const MCP_CLIENT_CAPABILITIES = "io.modelcontextprotocol/clientCapabilities" as const;

/** HTTP fields of the header carrier and of a server's answers. */
export const HTTP_FIELDS = {
  attestation: "Agent-Attestation",
  proof: "Agent-Attestation-Proof",
  error: "Agent-Attestation-Error",
  time: "Agent-Attestation-Time",
  status: "Agent-Attestation-Status",
} as const;
