import { TYP } from "@attest/core";
import type { Attack } from "../attack.ts";
import { respellings } from "../forge/respell.ts";
import { signToken } from "../forge/sign-token.ts";
import { type Forger, presented } from "../stage/define-attack.ts";
import { beginning, each, minted, proved, rewritten, without } from "../stage/forgers.ts";
import type { Json } from "../stage/situation.ts";

const INVALID = ["attestation_invalid"] as const;
const PROOF_INVALID = ["attestation_proof_invalid"] as const;
const AUTHORITY = "is an authority that the server trusts";
/** In a message a token can be any text; in an HTTP field it cannot. */
const IN_BAND = { carrier: "in-band" } as const;

/** Tokens that two readers would read differently. */
export const structureAttacks: readonly Attack[] = [
  presented(
    {
      id: "critical-extension",
      name: "An extension that must be understood",
      category: "malformed",
      threat: "T7",
      attacker: AUTHORITY,
      description: "A header with `crit`, whose rule the server does not know and must not pass over",
      defence: "`crit` is refused always",
      expected: INVALID,
      needs: ["authority"],
    },
    {
      "of an unknown rule": minted({ header: (h) => ({ ...h, crit: ["only-on-sundays"], "only-on-sundays": true }) }),
      "of nothing": minted({ header: (h) => ({ ...h, crit: [] }) }),
      "of a claim": minted({ header: (h) => ({ ...h, crit: ["exp"], exp: 1 }) }),
    },
  ),
  presented(
    {
      id: "unencoded-payload",
      name: "Unencoded payload",
      category: "malformed",
      threat: "T8",
      attacker: AUTHORITY,
      description: "A header with `b64: false`, by which two readers disagree on what was signed",
      defence: "`b64` is refused",
      expected: INVALID,
      needs: ["authority"],
    },
    {
      "passed over": minted({ header: (h) => ({ ...h, b64: false }) }),
      "with `crit`": minted({ header: (h) => ({ ...h, b64: false, crit: ["b64"] }) }),
    },
  ),
  presented(
    {
      id: "type-confusion",
      name: "Another kind of token",
      category: "confusion",
      threat: "T9",
      attacker: "obtained a token of another kind from the same authority",
      description: "Claims of an attestation under the type of an access token, a proof, or of nothing",
      defence: "`typ` says exactly what it must",
      expected: INVALID,
      needs: ["authority"],
    },
    {
      ...each(
        {
          "an access token": "at+jwt",
          "a proof": TYP.proof,
          "a DPoP proof": "dpop+jwt",
          "a SPIFFE SVID": "JOSE",
          "with a prefix": `application/${TYP.attestation}`,
          "in capitals": TYP.attestation.toUpperCase(),
        },
        (typ) => minted({ header: (h) => ({ ...h, typ }) }),
      ),
      untyped: minted({ header: (h) => without(h, "typ") }),
    },
  ),
  presented(
    {
      id: "proof-confusion",
      name: "A proof of another kind",
      category: "confusion",
      threat: "T9",
      attacker: "made the holder sign a token of another kind",
      description: "A token of another type, signed by the key in the attestation, as the proof",
      defence: "a proof's `typ` says exactly what it must",
      expected: PROOF_INVALID,
    },
    {
      ...each({ JWT: "JWT", "a DPoP proof": "dpop+jwt", "an attestation": TYP.attestation }, (typ) =>
        proved({ header: (h) => ({ ...h, typ }) }),
      ),
      untyped: proved({ header: (h) => without(h, "typ") }),
      "the attestation itself": async ({ attestation }) => ({ attestation, proof: attestation }),
    },
  ),
  presented(
    {
      id: "proof-as-attestation",
      name: "A proof for an attestation",
      category: "confusion",
      threat: "T9",
      attacker: "has an agent's key and no attestation",
      description: "A proof in the place of the attestation",
      defence: "`typ` says exactly what it must",
      expected: INVALID,
    },
    {
      "the proof twice": async (s) => {
        const proof = await s.prove(s.attestation);
        return { attestation: proof, proof };
      },
    },
  ),
  presented(
    {
      id: "duplicate-members",
      name: "Two members of one name",
      category: "malformed",
      threat: "T10",
      attacker: AUTHORITY,
      description: "A token that says a thing twice, so that two readers take different words for it",
      defence: "duplicate members are refused in header and claims",
      expected: INVALID,
      needs: ["authority"],
    },
    {
      "a subject before the subject": minted({
        claims: (c) => beginning('"sub":"spiffe://another-authority.example/model/trusted-1"', c),
      }),
      "an algorithm before the algorithm": minted({ header: (h) => beginning('"alg":"none"', h) }),
      "the name written with an escape": minted({ claims: (c) => beginning('"\\u0073ub":"spiffe://a.example/b"', c) }),
    },
  ),
  presented(
    {
      id: "prototype-claims",
      name: "Claims by inheritance",
      category: "malformed",
      threat: "T11",
      attacker: AUTHORITY,
      description:
        "A claim that must be there is put under `__proto__` or `constructor`, where a careless merge finds it",
      defence: "claims are read from their own members",
      expected: INVALID,
      needs: ["authority"],
    },
    each({ exp: "exp", sub: "sub", cnf: "cnf", agent_identity: "agent_identity" }, (name) =>
      minted({
        claims: (c) => beginning(`"__proto__":${JSON.stringify({ [name]: c[name] })}`, without(c, name)),
      }),
    ),
  ),
  presented(
    {
      id: "odd-payload",
      name: "Claims that are no object",
      category: "malformed",
      threat: "T12",
      attacker: AUTHORITY,
      description: "Claims as a list or a text, with a byte-order mark, or in bytes that are no UTF-8",
      defence: "claims are one JSON object in strict UTF-8",
      expected: [...INVALID, "attestation_issuer_untrusted"],
      needs: ["authority"],
    },
    {
      "a list": minted({ claims: (c) => JSON.stringify([c]) }),
      "a text": minted({ claims: (c) => JSON.stringify(JSON.stringify(c)) }),
      null: minted({ claims: () => "null" }),
      "a byte-order mark": minted({ claims: (c) => `\uFEFF${JSON.stringify(c)}` }),
      "bytes that are no UTF-8": minted({ claims: badUtf8 }),
      "something behind the end": minted({ claims: (c) => `${JSON.stringify(c)}{}` }),
      "a comment": minted({ claims: (c) => `/**/${JSON.stringify(c)}` }),
    },
  ),
  presented(
    {
      id: "respelled-attestation",
      name: "The same attestation, spelled differently",
      category: "tampering",
      threat: "T16",
      attacker: "holds an honest attestation and the key inside it",
      description:
        "An attestation in another spelling that lax decoders read as the same, to slip past lists of spellings",
      defence: "base64url in its one canonical spelling",
      expected: INVALID,
    },
    each(respellings, (respell) => rewritten("attestation", respell)),
    undefined,
    IN_BAND,
  ),
  presented(
    {
      id: "respelled-proof",
      name: "The same proof, spelled differently",
      category: "tampering",
      threat: "T16",
      attacker: "recorded a request on its way",
      description: "A proof in another spelling that lax decoders read as the same, so that it looks unused",
      defence: "base64url in its one canonical spelling",
      expected: PROOF_INVALID,
    },
    each(respellings, (respell) => rewritten("proof", respell)),
    undefined,
    IN_BAND,
  ),
  presented(
    {
      id: "oversized-token",
      name: "A token to choke on",
      category: "malformed",
      threat: "T17",
      attacker: "has nothing",
      description: "A token of a megabyte, of a hundred thousand dots, or nested ten thousand deep",
      defence: "limits on bytes, dots and depth before anything is parsed",
      expected: INVALID,
    },
    {
      "a megabyte of signature": rewritten("attestation", (token) => token + "A".repeat(1_000_000)),
      "a hundred thousand dots": async (s) => ({ attestation: ".".repeat(100_000), proof: await s.prove("") }),
      "nested ten thousand deep": async (s) => {
        const deep = `{"a":${"[".repeat(10_000)}${"]".repeat(10_000)}}`;
        const attestation = await signToken(s.header, deep, () => new Uint8Array(64));
        return { attestation, proof: await s.prove(attestation) };
      },
      "well signed, and larger than allowed": whereMinted((c) => ({ ...c, note: "x".repeat(8 * 1024) })),
      "well signed, and deeper than allowed": whereMinted((c) => ({ ...c, note: nested(20) })),
    },
    undefined,
    IN_BAND,
  ),
  presented(
    {
      id: "untyped-credentials",
      name: "Credentials that are no text",
      category: "malformed",
      threat: "T17",
      attacker: "has nothing",
      description: "An attestation that is a list, an object, a number or nothing, to upset what expects a text",
      defence: "whatever is there counts as presented, and must be a text",
      expected: INVALID,
      never: true,
    },
    each(
      {
        "a list": ["a", "b"],
        "an object": { toString: "x" },
        "a number": 1,
        null: null,
        true: true,
        "an empty text": "",
      },
      (attestation: unknown) => async (s) => ({ attestation, proof: await s.prove(s.attestation) }),
    ),
    undefined,
    IN_BAND,
  ),
];

/** By the authority's own hand, where there is one. */
function whereMinted(claims: (claims: Json) => Json): Forger {
  return async (s) => (s.scene.agent.means.authority ? minted({ claims })(s) : undefined);
}

function nested(depth: number): unknown {
  return depth === 0 ? 0 : [nested(depth - 1)];
}

/** The claims with a stray byte within an additional one. */
function badUtf8(claims: Json): Uint8Array {
  const bytes = new TextEncoder().encode(JSON.stringify({ ...claims, note: "~" }));
  return bytes.map((byte, i) => (i === bytes.lastIndexOf(0x7e) ? 0xff : byte));
}
