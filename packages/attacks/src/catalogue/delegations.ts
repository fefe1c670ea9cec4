import { KeyPair } from "@attest/core";
import type { Attack } from "../attack.ts";
import { chained } from "../stage/chain-forger.ts";
import { presented } from "../stage/define-attack.ts";
import type { Json } from "../stage/situation.ts";

const sheet = { category: "delegation", needs: ["delegation"], expected: ["attestation_invalid"] } as const;
const subAgent = "is a sub-agent of an honest agent, with a chain and a key of its own";

const changing = (change: (claims: Json) => Json) => ({ claims: (claims: Json) => ({ ...claims, ...change(claims) }) });

/** What is tried with chains of delegations, by who signs them, and what they hang on. */
export const delegationAttacks: readonly Attack[] = [
  presented(
    {
      ...sheet,
      id: "delegation-to-oneself",
      threat: "D2",
      name: "A link that nobody gave",
      attacker: "has seen an attestation, and has a key of its own",
      description: "Chains whose links are signed by the attacker's keys and follow an honest agent's attestation",
      defence: "each link is signed by the key before it",
    },
    {
      "signed by its own key": chained({ links: [{ by: (_keys, own) => own }] }),
      "a second link signed by itself": chained({ links: [{}, { by: (_keys, own) => own }] }),
      "a second link signed by the attested key": chained({ links: [{}, { by: ([first]) => first as never }] }),
    },
  ),
  presented(
    {
      ...sheet,
      id: "delegation-spliced",
      threat: "D3",
      name: "Links of another chain",
      attacker: "has links that an honest agent signed, over another attestation or link",
      description: "Genuine links behind what they were not made for, and chains with links left out or exchanged",
      defence: "each link names the one before it by its hash",
    },
    {
      "over another attestation": chained({ links: [changing(() => ({ parent: "A".repeat(43) }))] }),
      "without its middle": chained({
        links: [{}, { by: ([first]) => first as never }],
        text: ([a, , c]) => [a, c] as string[],
      }),
      "in another order": chained({ links: [{}, {}], text: ([a, b, c]) => [a, c, b] as string[] }),
    },
  ),
  presented(
    {
      ...sheet,
      id: "delegation-too-deep",
      threat: "D1",
      name: "More sub-agents than allowed",
      attacker: subAgent,
      description: "A link that says nobody may follow it, and one that follows; links that do not count down",
      defence: "each link allows fewer after it than the one before",
    },
    {
      "after a last one": chained({ links: [changing(() => ({ depth: 0 })), changing(() => ({ depth: 0 }))] }),
      "as many as before": chained({ links: [changing(() => ({ depth: 2 })), changing(() => ({ depth: 2 }))] }),
    },
  ),
  presented(
    {
      ...sheet,
      needs: ["delegation", "authority"],
      id: "delegation-forbidden",
      threat: "D1",
      name: "Delegating what may not be delegated",
      attacker: "is an attested agent that its authority forbids to delegate",
      description: "A link after an attestation with max_delegation_depth 0",
      defence: "the authority's limit holds for the first link",
    },
    {
      "one link": chained({
        root: async (s) => {
          const metadata = s.claims["attestation_metadata"] as Json;
          const change = { attestation_metadata: { ...metadata, max_delegation_depth: 0 } };
          return { attestation: await s.minted({ claims: (claims) => ({ ...claims, ...change }) }), signer: s.signer };
        },
      }),
    },
  ),
  presented(
    {
      ...sheet,
      id: "delegation-of-many",
      threat: "D1",
      name: "A chain without end",
      attacker: subAgent,
      description: "A chain of five links, each well signed",
      defence: "the server says how many links it accepts, at most four",
    },
    { "five links": chained({ links: [{}, {}, {}, {}, changing(() => ({ depth: 0 }))] }) },
  ),
  presented(
    {
      ...sheet,
      id: "delegation-outlives",
      threat: "D5",
      name: "Outliving one's parent",
      attacker: "is an attested agent that wants sub-agents after its attestation has ended",
      description: "Links that end later than what they follow",
      defence: "no link ends after the one before it",
    },
    {
      "than the attestation": chained({ links: [changing(({ exp }) => ({ exp: (exp as number) + 600 }))] }),
      "than the link before": chained({ links: [changing(({ iat }) => ({ exp: (iat as number) + 30 })), {}] }),
    },
  ),
  presented(
    {
      ...sheet,
      needs: ["delegation", "authority"],
      expected: ["attestation_expired"],
      id: "delegation-expired",
      threat: "D5",
      name: "A delegation that has ended",
      attacker: "was a sub-agent, and kept its chain and key",
      description: "A chain whose attestation is good and whose link has expired",
      defence: "the times of each link are checked with each message",
    },
    {
      // Not before its attestation began, and longer ago than clocks may differ.
      "while the attestation is good": chained({
        root: async (s) => {
          const begun = { iat: s.now - 100, nbf: s.now - 100 };
          return { attestation: await s.minted({ claims: (claims) => ({ ...claims, ...begun }) }), signer: s.signer };
        },
        links: [changing(({ iat }) => ({ iat: (iat as number) - 95, exp: (iat as number) - 40 }))],
      }),
    },
  ),
  presented(
    {
      ...sheet,
      id: "delegation-back",
      threat: "D4",
      name: "Delegating back",
      attacker: "is a sub-agent whose parent answers for it",
      description: "Chains in which a key comes twice, so that a parent seems to be its own sub-agent",
      defence: "each key is in a chain once",
    },
    {
      "to the attested key": chained({ links: [{}, { to: ([first]) => first as never }] }),
      "to itself": chained({ links: [{ to: ([first]) => first as never }] }),
    },
  ),
  presented(
    {
      ...sheet,
      expected: ["attestation_proof_invalid"],
      id: "delegation-elsewhere",
      threat: "T20",
      name: "A delegation for another server",
      attacker: "is a sub-agent that may call another server",
      description: "A chain whose link names other audiences than this server",
      defence: "the proof's audience is in every link",
    },
    {
      "another server": chained({ links: [changing(() => ({ aud: "https://other.example/mcp" }))] }),
      "several others": chained({ links: [changing(() => ({ aud: ["https://a.example", "https://b.example"] }))] }),
    },
  ),
  presented(
    {
      ...sheet,
      expected: ["attestation_proof_invalid"],
      id: "delegation-stolen",
      threat: "D2",
      name: "Somebody else's chain",
      attacker: "has seen a sub-agent's chain, and does not have its key",
      description: "The chain with a proof by another key, its parent's, or with its last link cut off",
      defence: "the proof is made by the key of the last link",
    },
    {
      "the thief's key": chained({ proves: () => KeyPair.generate() }),
      "the parent's key": chained({ proves: ([first]) => first as never }),
      "cut off": chained({ links: [{}, {}], text: (texts) => texts.slice(0, 2) }),
    },
  ),
  presented(
    {
      ...sheet,
      id: "delegation-other-algorithm",
      threat: "T2",
      name: "A link that names another algorithm",
      attacker: "is an attested agent",
      description: "Links whose alg is not that of the key that signs",
      defence: "the algorithm is that of the key before the link",
    },
    {
      ES256: chained({ links: [{ header: { alg: "ES256" } }] }),
      none: chained({ links: [{ header: { alg: "none" } }] }),
    },
  ),
  presented(
    {
      ...sheet,
      needs: ["delegation", "revocation", "issuance"],
      expected: ["attestation_revoked"],
      id: "delegation-of-the-revoked",
      threat: "D5",
      name: "The sub-agent of a revoked agent",
      attacker: "is a sub-agent whose parent was revoked",
      description: "A chain that is good, after the attestation at its root was revoked",
      defence: "revocation of the root is asked about with each message of its sub-agents",
    },
    {
      revoked: chained({
        root: (s) => s.scene.rival(),
        before: (s, attestation) => s.scene.agent.means.revoke?.(attestation),
      }),
    },
  ),
];
