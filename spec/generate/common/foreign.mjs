// Values that a strict reader must not take for ours.
import { AUDIENCE, BOUND_HEADER } from "./baseline.mjs";

/** `alg` values that mean nothing here: refused by name, before any key is looked for. */
export const FOREIGN_ALGS = [
  ["none", "T1"],
  ["None", "T1"],
  ["NONE", "T1"],
  ["nOnE", "T1"],
  ["", "T1"],
  ["none ", "T1"],
  ["ed25519", "T1"],
  ["ED25519", "T1"],
  ["Ed25519 ", "T1"],
  ["Ed25519\u0000", "T1"],
  ["Ed448", "T1"],
  ["ES256K", "T1"],
  ["ES384", "T1"],
  ["RS256", "T1"],
  ["PS256", "T1"],
  ["HS256", "T2"],
  ["HS384", "T2"],
  ["HS512", "T2"],
  ["dir", "T2"],
  ["__proto__", "T11"],
  ["constructor", "T11"],
];

/** `typ` values of other kinds of JWT, and other spellings of our own. */
export const FOREIGN_TYPS = [
  "at+jwt",
  "dpop+jwt",
  "wit+jwt",
  "wpt+jwt",
  "oauth-client-attestation+jwt",
  "oauth-client-attestation-pop+jwt",
  "secevent+jwt",
  "JOSE",
  "jwt",
  "Jwt",
  "",
  "__proto__",
  ...[BOUND_HEADER.typ, "agent-attestation-pop+jwt"].flatMap((typ) => [
    typ.toUpperCase(),
    `${typ} `,
    `application/${typ}`,
  ]),
];

/** Names of other servers, and other spellings of our own. */
export const FOREIGN_AUDIENCES = [
  "https://other.example",
  `${AUDIENCE}/`,
  "https://server.example",
  "https://SERVER.example/mcp",
  "https://server.example:443/mcp",
  "http://server.example/mcp",
];
