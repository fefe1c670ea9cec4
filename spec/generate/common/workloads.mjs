// What the vectors of foreign formats start from: a trust domain that issues JWT-SVIDs and WITs, and one of its workloads.
import { AUDIENCE, agent, NOW, VERIFIER } from "./baseline.mjs";
import { rsaKey } from "./rsa-key.mjs";
import { ed25519Key, es256Key, es384Key } from "./test-keys.mjs";
import { forge } from "./tokens.mjs";

export const SPIRE = "https://spire.prod.example";
export const TRUST_DOMAIN = "prod.example";
export const OTHER_DOMAIN = "other.example";
export const WORKLOAD = `spiffe://${TRUST_DOMAIN}/ns/agents/sa/broker`;

export const svidKey = es256Key("svid");
export const svidP384 = es384Key("svid-p384");
export const svidRsa = rsaKey("RS256", "svid-rsa");
export const svidPss = rsaKey("PS256", "svid-rsa");
export const witKey = es256Key("wit");
export const witEd25519 = ed25519Key("wit-ed25519");
export const otherDomain = es256Key("other-domain", "svid");

const published = (key, use) => ({ ...key.jwk, use });
const NINE = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512", "PS256", "PS384", "PS512"];

/** A verifier that trusts two trust domains for foreign tokens. */
export const FOREIGN_VERIFIER = {
  ...VERIFIER,
  trustedIssuers: [
    ...VERIFIER.trustedIssuers,
    {
      issuer: SPIRE,
      trustLevel: "enterprise",
      trustDomains: [TRUST_DOMAIN],
      algorithms: NINE,
      formats: ["spiffe-jwt-svid", "wimse-wit"],
    },
    {
      issuer: "https://other.example",
      trustLevel: "enterprise",
      trustDomains: [OTHER_DOMAIN],
      algorithms: NINE,
      formats: ["spiffe-jwt-svid"],
    },
  ],
  keys: {
    ...VERIFIER.keys,
    [SPIRE]: {
      keys: [
        published(svidKey, "jwt-svid"),
        published(svidP384, "jwt-svid"),
        published(svidRsa, "jwt-svid"),
        published(witKey, "wit-svid"),
        published(witEd25519, "wit-svid"),
      ],
    },
    "https://other.example": { keys: [published(otherDomain, "jwt-svid")] },
  },
  maxLifetime: { ...VERIFIER.maxLifetime, "spiffe-jwt-svid": 900, "wimse-wit": 3600 },
};

const SVID_CLAIMS = { aud: [AUDIENCE], exp: NOW + 300, iat: NOW, sub: WORKLOAD };
export const WIT_CLAIMS = {
  cnf: { jwk: { alg: "Ed25519", crv: "Ed25519", kty: "OKP", x: agent.jwk.x } },
  exp: NOW + 3600,
  iat: NOW,
  sub: WORKLOAD,
};

const signedBy = (key, typ, payload) => ({ header: { alg: key.algorithm, kid: key.kid, typ }, payload, key });

/** A JWT-SVID as SPIRE writes it, with one thing altered. */
export const jwtSvid = (change, key = svidKey) => forge(signedBy(key, "JWT", SVID_CLAIMS), change);
/** A WIT as SPIRE writes it, with one thing altered. */
export const wit = (change, key = witKey) => forge(signedBy(key, "wit+jwt", WIT_CLAIMS), change);
