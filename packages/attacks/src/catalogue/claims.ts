import { TYP, VERSION } from "@attest/core";
import type { Attack } from "../attack.ts";
import { presented } from "../stage/define-attack.ts";
import { each, minted, within, without } from "../stage/forgers.ts";
import type { Json } from "../stage/situation.ts";

const INVALID = ["attestation_invalid"] as const;
const UNTRUSTED = ["attestation_issuer_untrusted", "attestation_invalid"] as const;
const AUTHORITY = "is an authority that the server trusts";
const HOUR = 3600;

/** Well-signed claims that must not be trusted. */
export const claimAttacks: readonly Attack[] = [
  presented(
    {
      id: "lookalike-identifiers",
      name: "Names that look the same",
      category: "confusion",
      threat: "T13",
      attacker: AUTHORITY,
      description:
        "Identifiers with NUL, half a surrogate pair, or letters of another script, which some readers equate",
      defence: "identifiers are visible ASCII, compared byte for byte and never normalised",
      expected: INVALID,
      needs: ["authority"],
    },
    {
      "a letter of another script": minted({ claims: (c) => ({ ...c, sub: `${c["sub"]}-\u0430` }) }),
      "a composed letter": minted({ claims: (c) => ({ ...c, sub: `${c["sub"]}-e\u0301` }) }),
      "NUL in `jti`": minted({ claims: (c) => ({ ...c, jti: `${c["jti"]}\u0000x` }) }),
      "half a surrogate pair": minted({ claims: (c) => ({ ...c, jti: `${c["jti"]}\ud800` }) }),
      "a newline in `sub`": minted({ claims: (c) => ({ ...c, sub: `${c["sub"]}\n` }) }),
    },
  ),
  presented(
    {
      id: "issuer-shape",
      name: "An issuer that is part of one",
      category: "confusion",
      threat: "T14",
      attacker: "is an authority with a name that contains, or is contained in, a trusted one's",
      description: "The issuer as a list, a prefix, a longer name, or a name with something before its `@`",
      defence: "the issuer is a text, equal to a configured one",
      expected: UNTRUSTED,
      needs: ["authority"],
    },
    each(
      {
        "a list": (issuer) => [issuer],
        "a list of two": (issuer) => [issuer, "https://attacker.example"],
        "a prefix": (issuer) => issuer.slice(0, -1),
        "a longer name": (issuer) => `${issuer}/tenant`,
        "a query": (issuer) => `${issuer}?`,
        "before an @": (issuer) => `${issuer}@attacker.example`,
        "a space around": (issuer) => ` ${issuer}`,
        "an object": (issuer) => ({ toString: issuer }),
        nothing: () => undefined,
      } as Record<string, (issuer: string) => unknown>,
      (alter) => minted({ claims: (c) => ({ ...c, iss: alter(String(c["iss"])) }) }),
    ),
  ),
  presented(
    {
      id: "issuer-pattern",
      name: "An issuer that a pattern would match",
      category: "confusion",
      threat: "T15",
      attacker: "registered a domain that differs from a trusted one where a pattern has its dot",
      description: "Names that match a trusted issuer's read as a regular expression or with wildcards",
      defence: "no patterns in trust: equality only",
      expected: UNTRUSTED,
      needs: ["authority"],
    },
    each(
      {
        "any character for the dot": (issuer) => issuer.replace(/\.(?=[^.]*$)/, "x"),
        "a pattern itself": () => ".*",
        "a wildcard": (issuer) => issuer.replace(/\/\/[^.]*/, "//*"),
      } as Record<string, (issuer: string) => string>,
      (alter) => async (s) => {
        const iss = alter(String(s.claims["iss"]));
        return iss === s.claims["iss"] ? undefined : minted({ claims: (c) => ({ ...c, iss }) })(s);
      },
    ),
  ),
  presented(
    {
      id: "endless-life",
      name: "Endless life",
      category: "malformed",
      threat: "T18",
      attacker: AUTHORITY,
      description: "Times that are absent, no whole numbers, infinite, or further apart than an attestation may live",
      defence: "times are safe integers, and a life has a limit",
      expected: [...INVALID, "attestation_expired"],
      needs: ["authority"],
    },
    {
      "no `exp`": minted({ claims: (c) => without(c, "exp") }),
      "`exp` as a text": minted({ claims: (c) => ({ ...c, exp: String(c["exp"]) }) }),
      "`exp` with a fraction": minted({ claims: (c) => ({ ...c, exp: Number(c["exp"]) + 0.5 }) }),
      "`exp` of 1e400": minted({ claims: (c) => JSON.stringify(c).replace(/"exp":\d+/, '"exp":1e400') }),
      "`exp` beyond whole numbers": minted({ claims: (c) => ({ ...c, exp: 2 ** 60 }) }),
      "a life of a year": minted({ claims: (c) => ({ ...c, exp: Number(c["iat"]) + 365 * 24 * HOUR }) }),
      "an end before its beginning": minted({ claims: (c) => ({ ...c, iat: Number(c["exp"]) + 1 }) }),
      "`exp` null": minted({ claims: (c) => ({ ...c, exp: null }) }),
    },
  ),
  presented(
    {
      id: "expired-attestation",
      name: "Expired attestation",
      category: "replay",
      threat: "T19",
      attacker: "kept an attestation and its key for longer than they are good for",
      description: "An attestation that ended an hour ago",
      defence: "attestations end when they say",
      expected: ["attestation_expired"],
      needs: ["authority"],
    },
    { "ended an hour ago": minted({ claims: (c) => shifted(c, -HOUR - lifeOf(c)) }) },
  ),
  presented(
    {
      id: "premature-attestation",
      name: "Attestation of the future",
      category: "replay",
      threat: "T19",
      attacker: "is handed attestations in advance",
      description: "An attestation that begins in an hour, or is not to be used before",
      defence: "attestations begin when they say",
      expected: [...INVALID, "attestation_expired"],
      needs: ["authority"],
    },
    {
      "issued in an hour": minted({ claims: (c) => shifted(c, HOUR) }),
      "not before its end": minted({ claims: (c) => ({ ...c, nbf: Number(c["exp"]) - 1 }) }),
    },
  ),
  presented(
    {
      id: "foreign-audience",
      name: "An attestation for somebody else",
      category: "confusion",
      threat: "T20",
      attacker: "obtained an attestation that is issued for another server",
      description: "An attestation for another server, or for this one and another",
      defence: "an attestation that names an audience names this server, alone",
      expected: [...INVALID, "attestation_proof_invalid"],
      needs: ["authority"],
    },
    each(
      {
        "another server": () => "https://other-server.example/mcp",
        "this one and another": (audience) => [audience, "https://other-server.example/mcp"],
        "a path of this server": (audience) => `${audience}/`,
        "a prefix": (audience) => audience.slice(0, -1),
      } as Record<string, (audience: string) => unknown>,
      (alter) => async (s) => minted({ claims: (c) => ({ ...c, aud: alter(s.scene.target.audience) }) })(s),
    ),
  ),
  presented(
    {
      id: "subject-shape",
      name: "A subject that is no SPIFFE ID",
      category: "confusion",
      threat: "T22",
      attacker: AUTHORITY,
      description: "A subject whose trust domain different readers find in different places",
      defence: "a subject is a SPIFFE ID to the letter",
      expected: INVALID,
      needs: ["authority"],
    },
    each(
      {
        "with a user": (sub) => sub.replace("//", "//another-authority.example@"),
        "with a port": (sub) => sub.replace(/(\/\/[^/]+)/, "$1:443"),
        "in capitals": (sub) => sub.replace(/\/\/[^/]+/, (domain) => domain.toUpperCase()),
        "a scheme in capitals": (sub) => sub.replace("spiffe", "SPIFFE"),
        "a path that leads out": (sub) => `${sub}/../../other`,
        "another scheme": (sub) => sub.replace("spiffe", "https"),
        "no path": (sub) => sub.replace(/(\/\/[^/]+).*/, "$1?"),
      } as Record<string, (sub: string) => string>,
      (alter) => minted({ claims: (c) => ({ ...c, sub: alter(String(c["sub"])) }) }),
    ),
  ),
  presented(
    {
      id: "self-promotion",
      name: "Self-promotion",
      category: "downgrade",
      threat: "T22",
      attacker: AUTHORITY,
      description: "An attestation that calls its issuer something else than the server has configured",
      defence: "the level of trust comes from the server's configuration",
      expected: INVALID,
      needs: ["authority"],
    },
    {
      "the other kind of issuer": minted({
        claims: (c) => {
          const { attestation_type } = c["attestation_metadata"] as Json;
          const other = attestation_type === "provider" ? "enterprise" : "provider";
          return within(c, "attestation_metadata", { attestation_type: other });
        },
      }),
      "a kind that there is not": minted({
        claims: (c) => within(c, "attestation_metadata", { attestation_type: "root" }),
      }),
    },
  ),
  presented(
    {
      id: "version-downgrade",
      name: "Another version",
      category: "downgrade",
      threat: "T23",
      attacker: AUTHORITY,
      description: "A bound attestation that says that it is of the older version, or of one to come",
      defence: "the version is the profile's",
      expected: INVALID,
      needs: ["authority"],
    },
    each({ "the older": VERSION.bearer, "one to come": "99.0.0" }, (attestation_version) =>
      minted({ claims: (c) => within(c, "attestation_metadata", { attestation_version }) }),
    ),
  ),
  presented(
    {
      id: "bearer-masquerade",
      name: "A bound attestation without its bonds",
      category: "downgrade",
      threat: "T24",
      attacker:
        "stole an attestation from an authority that can be talked into another `typ`, without the key inside it",
      description: "An attestation with a key inside it under the type of one that needs no proof",
      defence: "a bearer attestation holds no key, and has no place but in `initialize`, where it is accepted at all",
      expected: INVALID,
      needs: ["authority"],
    },
    {
      "with its key": async (s) => ({
        attestation: await s.minted({ header: asBearer, claims: asBearerClaims(s.scene.target.audience) }),
      }),
      "with its key taken out": async (s) => {
        const { target } = s.scene;
        const offers = await target.offers();
        // To a bare verifier that accepts them, it is a bearer attestation like any other: it knows no carriers.
        if (offers.has("bearer") && !offers.has("live")) return undefined;
        const claims = (c: Json) => without(asBearerClaims(target.audience)(c), "cnf");
        return { attestation: await s.minted({ header: asBearer, claims }) };
      },
    },
  ),
  presented(
    {
      id: "keyless-attestation",
      name: "No key to prove",
      category: "downgrade",
      threat: "T24",
      attacker: AUTHORITY,
      description: "A bound attestation without a confirmation key, so that there is nothing to be proven",
      defence: "a bound attestation holds the agent's key",
      expected: INVALID,
      needs: ["authority"],
    },
    {
      "no `cnf`": minted({ claims: (c) => without(c, "cnf") }),
      "an empty `cnf`": minted({ claims: (c) => ({ ...c, cnf: {} }) }),
      "a thumbprint instead": minted({ claims: (c) => ({ ...c, cnf: { jkt: "A".repeat(43) } }) }),
      "no `cnf`, no proof": async (s) => ({ attestation: await s.minted({ claims: (c) => without(c, "cnf") }) }),
    },
  ),
];

function lifeOf(claims: Json): number {
  return Number(claims["exp"]) - Number(claims["iat"]);
}

function shifted(claims: Json, by: number): Json {
  const times = ["iat", "nbf", "exp"].filter((name) => typeof claims[name] === "number");
  return { ...claims, ...Object.fromEntries(times.map((name) => [name, Number(claims[name]) + by])) };
}

function asBearer({ kid }: Json): Json {
  return { typ: TYP.bearer, alg: "EdDSA", kid };
}

function asBearerClaims(audience: string): (claims: Json) => Json {
  return (claims) =>
    within({ ...claims, aud: audience }, "attestation_metadata", { attestation_version: VERSION.bearer });
}
