/** The namespace of this protocol's `_meta` keys. Before 1.0 it must be a name that the publisher owns. */
export const NAMESPACE = "io.github.attest" as const;
/** What every `_meta` key of this protocol begins with; guards remove all of them before dispatch (M3). */
export const META_PREFIX: `${typeof NAMESPACE}/` = `${NAMESPACE}/`;

/** The `_meta` key of an attestation that is carried in the message (SPEC §4). */
export const META_ATTESTATION: `${typeof META_PREFIX}attestation` = `${META_PREFIX}attestation`;
/** The proof sent with it. */
export const META_PROOF: `${typeof META_PREFIX}proof` = `${META_PREFIX}proof`;
/** In results: the ticket that their request asked for (SPEC §19). */
export const META_TICKET_GRANT: `${typeof META_PREFIX}ticket-grant` = `${META_PREFIX}ticket-grant`;
/** In results of the stateless era: how the server took the attestation. */
export const META_STATUS: `${typeof META_PREFIX}status` = `${META_PREFIX}status`;

/** The MCP extension by which both sides declare themselves in the stateless era. */
export const EXTENSION: `${typeof META_PREFIX}agent-attestation` = `${META_PREFIX}agent-attestation`;

/** The member of `capabilities.experimental` by which they do so at `initialize`; with a `token` it is the bearer carrier. */
export const CAPABILITY = "security.attestation" as const;

/** MCP's own `_meta` key that makes a request one of the stateless era (MCP 2026-07-28). */
export const MCP_PROTOCOL_VERSION = "io.modelcontextprotocol/protocolVersion" as const;
/** What its client declares there. */
export const MCP_CLIENT_CAPABILITIES = "io.modelcontextprotocol/clientCapabilities" as const;

/** HTTP fields of the header carrier and of a server's answers. */
export const HTTP_FIELDS = {
  attestation: "Agent-Attestation",
  proof: "Agent-Attestation-Proof",
  error: "Agent-Attestation-Error",
  time: "Agent-Attestation-Time",
  status: "Agent-Attestation-Status",
  ticket: "Agent-Attestation-Ticket",
} as const;
