/**
 * What a target makes possible beyond a plain exchange:
 *
 * - `issuance`: attestations for keys of one's choice; without it there is one attestation for one key
 * - `authority`: the key of an authority that the target trusts, the tester's own
 * - `issuer-key`: that authority's public key
 * - `bearer`: 0.1.0 bearer attestations, which the target accepts
 * - `trust-domain`: JWT-SVIDs and WITs of a SPIFFE trust domain, the tester's own
 * - `nested`: an enterprise's key whose attestations may hold those of a provider, the tester's own
 * - `tickets`: the target grants tickets
 * - `tool`: a guarded operation with a demand of its own that may be called
 * - `live`: a server, not only a verifier
 * - `http`: messages as HTTP requests; `sessions`: an `Mcp-Session-Id` as well
 * - `connection`: several messages on one connection or session that has an owner
 * - `shared`: several agents on one connection, which has no owner
 * - `revocation`: attestations can be revoked
 * - `ring`: a secret of the target's ticket ring, the tester's own
 * - `status-list`: the target asks a status list of the authority, in which the honest agent is valid
 * - `delegation`: the target accepts chains of up to four links
 * - `list-server`: that list's server, and the target's time, are the tester's own
 * - `relay`, `echo`, `slow`, `task`, `definition`, `completion`, `restart`: what a lab has (`LabOptions`)
 */
export type Offer =
  | "issuance"
  | "authority"
  | "issuer-key"
  | "bearer"
  | "trust-domain"
  | "status-list"
  | "delegation"
  | "list-server"
  | "ring"
  | "nested"
  | "tickets"
  | "tool"
  | "live"
  | "http"
  | "sessions"
  | "connection"
  | "shared"
  | "revocation"
  | "relay"
  | "echo"
  | "slow"
  | "task"
  | "definition"
  | "completion"
  | "restart";
