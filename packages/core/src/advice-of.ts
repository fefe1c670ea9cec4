import type { AttestationErrorCode } from "./errors.ts";

// Plain strings, since a bundler keeps what is put together, whether it is used or not.
const SEND_AS_RETURNED =
  "Send the attestation as the authority returned it, without quotes or a prefix: something changed or truncated it. `attest inspect` says what is malformed.";
const MAKE_PROOF = "Make the proof with `createProof` or @attest/mcp-client, and send it unchanged.";

/** What an operator does about each code. The compiler misses none. */
const ADVICE: Readonly<Record<AttestationErrorCode, string>> = {
  // Mistakes in the program
  ERR_OPTION: "Correct the option that the message names. The README of its package describes each one.",
  ERR_ALREADY_ATTESTED:
    "Remove the second call: wrap each transport, server or handler once. One guard or agent may serve any number of them.",
  ERR_GUARD_MISSING:
    "Call `attestServer(server, guard)` before `connect`, or serve it through `attestHandler` or `attestNodeHandler`. If a guard is there, a framework hides `_meta` from the handler: pass the request's params to `attestationOf`.",
  ERR_CLOCK: "The `clock` option must return Unix time in seconds, not milliseconds and not a Date object.",
  ERR_INTERNAL:
    "This is a fault of the library, or of a seam that you implement, such as a key resolver. Report it with the event's facts, never with the token.",

  // Keys
  ERR_KEY_FORMAT:
    "Publish the key as a JWK with `kty`, `crv`, the coordinates and a `kid`. `attest keygen` and a rotating key store write such keys.",
  ERR_KEY_UNSUPPORTED:
    "Use an Ed25519 or P-256 key; a foreign format has its own list of algorithms. `attest keygen` makes a new key.",
  ERR_KEY_PRIVATE:
    "Treat the key as disclosed: remove it everywhere, make a new one with `attest keygen`, and publish only its public half.",
  ERR_KEY_WEAK:
    "Find out who made this key, which anyone can forge signatures for, and make a new one with `attest keygen`.",
  ERR_KEY_DUPLICATE: "The issuer must give every key a `kid` of its own and publish its key set again.",
  ERR_KEY_NOT_FOUND:
    "Compare the `kid` that `attest inspect` shows with the issuer's key set. After a rotation, publish the new key before signing with it; with keys in the configuration, add it with `addKey` or `keys`.",
  ERR_KEY_SOURCE_UNAVAILABLE:
    "Fetch the issuer's key set from this machine, for example with curl, and check `jwksUri`, DNS and the firewall. The `cause` of the `key-fetch` event says what failed.",

  // The attestation
  ERR_ATTESTATION_REQUIRED:
    "Give the agent an attestation: it presents one with `attestFetch` or `attestTransport` of @attest/mcp-client. If it does so already, something between agent and server removes HTTP fields or `_meta`: `attest doctor` helps to find it.",
  ERR_ATTESTATION_SIZE: "Shorten the claims at the authority: an attestation has at most 6,144 characters.",
  ERR_ATTESTATION_FORMAT: SEND_AS_RETURNED,
  ERR_ATTESTATION_ENCODING: SEND_AS_RETURNED,
  ERR_ATTESTATION_JSON: "The authority must write plain JSON in UTF-8; `attest inspect` says what is malformed.",
  ERR_ATTESTATION_DUPLICATE_MEMBER:
    "The authority must write each member once. Ask its operator which program makes these tokens.",
  ERR_ATTESTATION_HEADER:
    "The authority must write `typ`, `alg` and a `kid` of visible ASCII into the header, and nothing else. `attest inspect` shows the header.",
  ERR_ATTESTATION_TYP:
    "Present an attestation, not an OAuth token or a proof. If it is of a foreign format, list that format in `formats` of its issuer in `trustedIssuers`.",
  ERR_ATTESTATION_ALG:
    "If the issuer really signs with this algorithm, add it to `algorithms` of that issuer in `trustedIssuers`.",
  ERR_BEARER_NOT_ALLOWED:
    "Have the agent present a bound attestation, which a thief cannot use. To accept bearer attestations as well, set `allowBearer`.",
  ERR_ISSUER_UNTRUSTED:
    "If you trust this issuer, add it to `trustedIssuers` exactly as `iss` has it: names are compared byte for byte, a slash at the end included. For a token that names no issuer, add its trust domain to `trustDomains` of one.",
  ERR_FORMAT_NOT_ALLOWED: "If this issuer may use the format, list it in `formats` of the issuer in `trustedIssuers`.",
  ERR_ATTESTATION_SIGNATURE:
    "Do not trust the token: it was altered, or signed with another key of the same `kid`. If all tokens of the issuer fail, it reused a `kid`; it must name the new key differently, and `reload()` fetches its set at once.",
  ERR_ATTESTATION_CLAIMS:
    "The authority must correct the claim that the message names; `attest inspect` shows all of them.",
  ERR_ATTESTATION_VERSION: "Update the authority, or this server, so that both speak the same version of the protocol.",
  ERR_BEARER_CONFIRMATION:
    "Present the token as its authority issued it: a token that is bound to a key (`cnf`) must be of a format with proofs.",
  ERR_CONFIRMATION_KEY:
    "The authority must put the agent's public key, Ed25519 or P-256, into `cnf.jwk`: `confirmationKey` of `createToken`.",
  ERR_ATTESTATION_EXPIRED:
    "Request a new attestation from the authority; an agent of @attest/mcp-client does that by itself. If new ones are refused too, a clock is wrong: check NTP on both machines.",
  ERR_ATTESTATION_NOT_YET_VALID:
    "Correct the clock that is wrong, the authority's or this server's (NTP). `clockTolerance` is for small differences only.",
  ERR_ATTESTATION_LIFETIME:
    "Shorten the lifetime at the authority (`tokenLifetime`), or raise `maxLifetime` of this server within the protocol's limit.",
  ERR_ATTESTATION_AUDIENCE:
    "Request the attestation for this server's `audience`, byte for byte. `attest inspect` shows what it was issued for.",
  ERR_ATTESTATION_AUDIENCES:
    "Request an attestation for this server only. To accept several audiences, each of which could present the attestation to the others, set `allowMultipleAudiences`.",
  ERR_ATTESTATION_SUBJECT:
    "The authority must set `subject` to a SPIFFE ID such as spiffe://example.com/model/name, or leave it to the default.",
  ERR_TRUST_DOMAIN:
    "If the issuer may speak for this domain, add it to `trustDomains` of the issuer in `trustedIssuers`. Otherwise the authority attests what it must not.",
  ERR_ATTESTATION_TYPE:
    "Set `trustLevel` of the issuer in `trustedIssuers` to what the issuer is, or have the authority write the `attestationType` that you expect.",
  ERR_NESTED_TWICE: "The enterprise's authority must embed the provider's own attestation, which has no other in it.",
  ERR_NESTED_KEY:
    "The enterprise's authority must embed the provider's attestation for the very key that it attests: `nested` of `createToken`.",
  ERR_NESTED_AGENT:
    "Enterprise and provider must name one model: the same `modelFamily`, `modelVersion` and `provider`. Correct the enterprise's rule.",
  ERR_CLAIM_REQUIRED:
    "Have the authority state the claim that the message names, or remove it from `requiredClaims`. If it is a status, correct the issuer's `statusLists`.",
  ERR_REVOKED: "Ask the authority why it was revoked, and whether the agent may have a new attestation.",
  ERR_REVOCATION_UNAVAILABLE:
    "Check what `isRevoked` asks: it threw, took too long, or answered neither true nor false. With `statusLists`, fetch the list from this machine, for example with curl.",

  // A chain of delegations
  ERR_DELEGATION_NOT_ALLOWED:
    "If sub-agents may call this server, set `maxDelegationDepth` to the links that you accept, from 1 to 4.",
  ERR_DELEGATION_ROOT:
    "Delegate with a bound attestation: a bearer attestation or a foreign token cannot be delegated.",
  ERR_DELEGATION_FORMAT:
    "Send the chain as `createDelegation` or the parent's handler returned it: the attestation and each link, with a tilde (~) between them.",
  ERR_DELEGATION_HEADER:
    "Make links with `createDelegation`: `typ`, and the `alg` of the key that signs, which must be in `proofAlgorithms` of this server.",
  ERR_DELEGATION_CLAIMS:
    "Correct what the message names: `attest inspect` shows all claims of each link. An entry of `allow` for URIs must end its authority before the asterisk (*).",
  ERR_DELEGATION_KEY: "Give each sub-agent a new key of its own, Ed25519 or P-256: a key can be in a chain once.",
  ERR_DELEGATION_PARENT: "Delegate again: the parent's attestation was renewed, or links of several chains were mixed.",
  ERR_DELEGATION_DEPTH:
    "Let each link say a smaller `depth` than the one before. The authority limits the links with `maxDelegationDepth` of `createToken`.",
  ERR_DELEGATION_TIMES:
    "Let a link end no later than its parent. If it is dated in the future, correct the parent's clock (NTP).",
  ERR_DELEGATION_EXPIRED:
    "Ask the parent for a new delegation; a source of @attest/mcp-client does that by itself. If new ones are refused too, a clock is wrong: check NTP.",
  ERR_DELEGATION_AUDIENCE: "Delegate for this server's `audience`, byte for byte: `audience` of `createDelegation`.",
  ERR_DELEGATION_SIGNATURE:
    "Do not trust the chain: a link was altered, or signed with another key than the one before it. Delegate again.",
  ERR_DELEGATION_SCOPE:
    "The sub-agent asked for something else than its `allow` lists, in any link of its chain. If it may do it, delegate with a wider `allow`. A verifier of your own must pass `dispatched`.",

  // The proof
  ERR_PROOF_REQUIRED:
    "The attestation passed every check; send a proof with it. `attestFetch` and `attestTransport` of @attest/mcp-client make one for every request.",
  ERR_PROOF_UNEXPECTED:
    "Send proofs with a bound attestation only. If the attestation is missing, something between agent and server removes it.",
  ERR_PROOF_REQUEST:
    "Tell the verifier what the proof is for: pass `kind`, `method` and the message or body to `verify`.",
  ERR_PROOF_SIZE: "Use a shorter `audience` or `sessionId`: a proof has at most 2,048 characters.",
  ERR_PROOF_FORMAT: MAKE_PROOF,
  ERR_PROOF_ENCODING: MAKE_PROOF,
  ERR_PROOF_JSON: MAKE_PROOF,
  ERR_PROOF_DUPLICATE_MEMBER: MAKE_PROOF,
  ERR_PROOF_HEADER: "Write `typ` and `alg` into the header of the proof, and nothing else, as `createProof` does.",
  ERR_PROOF_TYP: "Send a proof made with `createProof`, not another kind of token.",
  ERR_PROOF_ALG:
    "Use an agent's key whose algorithm is in `proofAlgorithms` of this server, and sign the proof with that key.",
  ERR_PROOF_SIGNATURE:
    "Sign with the key in the attestation: the agent must keep attestation and key together. `attest inspect` shows the key's thumbprint.",
  ERR_PROOF_CLAIMS: MAKE_PROOF,
  ERR_PROOF_CARRIER:
    "Make the proof for the way it is sent: in HTTP fields it covers method and body (`htm`, `body_digest`), in a message it covers the message (`mcp_digest`).",
  ERR_PROOF_ATTESTATION: "Make the proof for the attestation that goes with it; after a renewal, make new proofs.",
  ERR_PROOF_AUDIENCE:
    "Configure agent and server with the same `audience`, byte for byte; `attest doctor --audience` tries one.",
  ERR_PROOF_TIME:
    "Make a new proof for each request: it is valid for `proofWindow` seconds. If new ones are refused too, a clock is wrong: check NTP on both machines.",
  ERR_PROOF_METHOD:
    "Something changes the HTTP method between agent and server, or the agent reuses a proof. Make a new proof for each request.",
  ERR_PROOF_DIGEST:
    "Something changes the message between agent and server: a proxy, a body parser, or a bridge that writes JSON again. Mount the guard before it, or make the proof after it.",
  ERR_PROOF_SESSION:
    "The agent must name the session of this request in its proof (`sessionId`), and none before the server has opened one.",
  ERR_PROOF_ACCESS_TOKEN:
    "Make the proof with the access token that is sent in `Authorization` (`accessToken`). A proxy that replaces the token breaks the proof.",

  // A MAC proof and its ticket
  ERR_TICKETS_OFF:
    'Nothing to do: the agent sends once more with a signature. To grant tickets, leave `tickets` on; with `instances: "multiple"` give every instance the same `ring`.',
  ERR_TICKET_UNKNOWN:
    "Nothing to do after a restart or the end of a ring rotation: the agent sends once more with a signature. If it happens all the time, the instances have different rings: give all of them the same `ring`.",
  ERR_TICKET_EXPIRED:
    "Nothing to do: the agent sends once more with a signature. If it happens often, a clock is wrong: check NTP on both machines.",
  ERR_TICKET_AUDIENCE:
    "Use a ticket only at the server that granted it, by the name that the proof had. Servers with different audiences may share a ring, and never a ticket.",
  ERR_TICKET_HOLDER:
    "The agent must drop its tickets when it changes its key, and use each with that key's attestation.",
  ERR_TICKET_MAC:
    "Something changes the request between agent and server, or the agent uses another key than the one that was agreed. @attest/mcp-client sends once more with a signature, whose refusal then says what was changed.",
  ERR_SIGNATURE_REQUIRED:
    "Nothing to do: the agent sends once more with a signature, and signs at once from then on. `signatures` of the guard, or a handler's demand, asks for it.",

  // Replay
  ERR_REPLAY:
    "If an honest client or a proxy repeats requests, have it make a new proof for each attempt. Otherwise somebody captured a request: find out where.",
  ERR_REPLAY_EXPIRY:
    "Pass `now` and `expiresAt` to the replay cache as whole Unix seconds, the expiry in the future. From a verifier, this means a wrong `clock`.",
  ERR_REPLAY_BEFORE_START:
    "Make a new proof a second later; nothing is wrong. To spare agents the retry after a restart, call `verifier.ready()` before listening, or use a shared replay cache.",
  ERR_REPLAY_CACHE_FULL:
    "Give the replay cache more room: `maxEntries` of `InMemoryReplayCache`, or the memory of Redis. If one agent fills it, look at that agent's traffic.",
  ERR_REPLAY_CACHE_UNAVAILABLE:
    "Check the replay cache: `health()` of `RedisReplayCache` says what is wrong with Redis. After a loss of data or a corrected clock it refuses for a while, and then recovers by itself.",

  // The guard of a server
  ERR_CARRIER:
    "Send exactly one message at a time, with one attestation in one place: HTTP fields, `_meta`, or `initialize` for bearer. @attest/mcp-client does so.",
  ERR_AUTHORIZATION: "Send exactly one credential after `Bearer` or `DPoP` in `Authorization`, or no such field.",
  ERR_REQUEST_ID:
    "Give each request an id that no other pending request of this connection has, and cancel only your own: several agents share it.",
  ERR_TASK_OWNER: "Ask for a task with the agent that created it: no other can see, cancel or update it.",
  ERR_GATE_MISSING:
    "Mount the gate for GET and DELETE too: `app.all(path, gate)` does. Only the gate sees attestations in HTTP fields.",
  ERR_BODY_CONSUMED:
    "Mount the guard before the body parser, or keep the raw body: `express.json({ verify: keepRawBody })`.",
  ERR_SESSION_OWNER:
    "An agent used the session of another one. Look for session ids in logs and URLs, and for several agents behind one client; each must open its own session.",
  ERR_SESSION_EXPIRED:
    "Initialize again with a new bearer attestation, or use a bound one, whose session has no such limit.",
  ERR_DEMAND:
    "Compare the agent with the handler's demand in `requireAttestation`: `minTrustLevel`, `issuer`, `check`. Lower the demand only if this agent may call it.",
  ERR_DEFINITION_REQUIRED:
    "Have the agent say which definition it decided on: `toolDefinition` of its `AttestingAgent`, which returns the tool as it was listed.",
  ERR_DEFINITION_MISMATCH:
    "The agent decided on another definition than the server has. After an update of the tool, the agent lists the tools again and decides again. If it happens without one, something between the two changes descriptions: compare both `tools/list`.",
  ERR_DEFINITION_UNAVAILABLE:
    "Mend the `definition` function of the handler's demand: it threw, or returned no tool as `tools/list` has it.",

  // The agent's side
  ERR_SOURCE_UNAVAILABLE:
    "Check the agent's attestation source: the authority's address, its answer and the credential. Throw an `AttestationError` from a source of your own to see its message here.",
};

/**
 * What an operator does about a code: one or more sentences of plain English, in which names of options and commands are
 * between backticks. For people; match on the code, since the words may change in any version.
 *
 * It is a table of all codes: leave it out of what agents download, unless they show it.
 */
export function adviceOf(code: AttestationErrorCode): string {
  return ADVICE[code];
}
