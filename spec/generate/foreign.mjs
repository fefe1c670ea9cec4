// Tokens that this protocol does not issue: JWT-SVIDs and WITs (SPEC §17), each accepted as what it is and nothing else.
import { NOW } from "./common/baseline.mjs";
import { FOREIGN_VERIFIER, SPIRE } from "./common/workloads.mjs";
import * as inTurn from "./foreign/in-turn.mjs";
import * as jwtSvid from "./foreign/jwt-svid.mjs";
import * as wit from "./foreign/wit.mjs";

const withIssuer = (change) => ({
  ...FOREIGN_VERIFIER,
  trustedIssuers: FOREIGN_VERIFIER.trustedIssuers.map((one) => (one.issuer === SPIRE ? { ...one, ...change } : one)),
});

export const verifiers = {
  foreign: FOREIGN_VERIFIER,
  "foreign-preferred": { ...FOREIGN_VERIFIER, policy: "preferred" },
  "foreign-and-bearer": { ...FOREIGN_VERIFIER, allowBearer: true },
  "foreign-several-audiences": { ...FOREIGN_VERIFIER, allowMultipleAudiences: true },
  "foreign-hour": { ...FOREIGN_VERIFIER, maxLifetime: { ...FOREIGN_VERIFIER.maxLifetime, "spiffe-jwt-svid": 3600 } },
  "foreign-ed25519": withIssuer({ algorithms: ["Ed25519"], formats: ["wimse-wit"] }),
  "foreign-es256": withIssuer({ algorithms: ["ES256"] }),
  "foreign-demanding": { ...FOREIGN_VERIFIER, requiredClaims: ["agent_identity"] },
  "foreign-just-started": { ...FOREIGN_VERIFIER, replayCacheMadeAt: NOW - 10 },
};

export function vectors() {
  return [jwtSvid, wit, inTurn].flatMap((part) => part.vectors());
}
