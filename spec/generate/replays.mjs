// What a use is recorded as (SPEC-9.2, SPEC-9.3), so that implementations can share one store.
import { createHash } from "node:crypto";
import {
  AUDIENCE,
  agent,
  agentP256,
  BOUND_CLAIMS,
  HTTP,
  ISSUER,
  MESSAGE,
  NOW,
  SECOND_AUDIENCE,
  VERIFIER,
} from "./common/baseline.mjs";
import { holding, payload } from "./common/changes.mjs";
import { present, verified, verifiedBearer, verifiedFor } from "./common/presentations.mjs";
import { thumbprint } from "./common/test-keys.mjs";
import { macProof, ringSecret, seal } from "./common/tickets.mjs";
import { attestation, bearer, proof } from "./common/tokens.mjs";

export const verifiers = {
  default: VERIFIER,
  bearer: { ...VERIFIER, allowBearer: true, allowMultipleAudiences: true },
  ringed: { ...VERIFIER, tickets: { ring: [ringSecret("first").toString("base64url")] } },
  windows: { ...VERIFIER, proofWindow: 20, clockTolerance: 7, nodeSkew: 3 },
};

/** How long a use is recorded. */
const untilOf = (iat, { proofWindow, clockTolerance, nodeSkew }) => iat + proofWindow + clockTolerance + nodeSkew;

export function vectors() {
  const list = [];
  const put = (title, verifier, token, expected, other, parts, until) => {
    const written = parts.map((part) => `${part.length}:${part}`).join("");
    const key = createHash("sha256").update(written).digest().subarray(0, 16).toString("base64url");
    list.push({
      title: `Use: ${title}`,
      requirements: ["R1", "R2"],
      verifier,
      presentations: [present(token, expected, other)],
      recorded: { written, key, until },
    });
  };
  const jti = "proof-0123456789abcdef";
  const proved = (token, claims = {}, key = agent, request = MESSAGE) => ({
    request,
    proof: proof(token, request, payload({ jti, ...claims }), { key }),
  });
  const bound = (audience, key = agent) => ["bound", ISSUER, audience, thumbprint(key.jwk), jti];
  const honest = attestation();
  const usual = untilOf(NOW, VERIFIER);
  put("a proof", "default", honest, verified, proved(honest), bound(AUDIENCE), usual);
  put("a proof in HTTP fields", "default", honest, verified, proved(honest, {}, agent, HTTP), bound(AUDIENCE), usual);
  put(
    "a proof for the server's other name",
    "default",
    honest,
    verified,
    proved(honest, { aud: SECOND_AUDIENCE }),
    bound(SECOND_AUDIENCE),
    usual,
  );
  const held = attestation(holding(agentP256));
  put(
    "a proof by a P-256 key",
    "default",
    held,
    verifiedFor(agentP256),
    proved(held, {}, agentP256),
    bound(AUDIENCE, agentP256),
    usual,
  );
  put(
    "a proof that is older, by other windows",
    "windows",
    honest,
    verified,
    proved(honest, { iat: NOW - 10 }),
    bound(AUDIENCE),
    untilOf(NOW - 10, verifiers.windows),
  );
  put(
    "a MAC proof",
    "ringed",
    honest,
    { ...verified, proof: "mac" },
    { proof: macProof(honest, seal(ringSecret("first")), MESSAGE, { jti }) },
    ["mac", ...bound(AUDIENCE).slice(1)],
    usual,
  );
  const alone = { request: undefined, proof: undefined };
  const once = (audience) => ["bearer", ISSUER, audience, "", BOUND_CLAIMS.jti];
  const { clockTolerance, nodeSkew } = VERIFIER;
  const expiry = BOUND_CLAIMS.exp + clockTolerance + nodeSkew;
  put("a bearer attestation", "bearer", bearer(), verifiedBearer, alone, once(AUDIENCE), expiry);
  put(
    "a bearer attestation for both names of the server, of which it is used up under its own first",
    "bearer",
    bearer(payload({ aud: ["https://other.example", SECOND_AUDIENCE, AUDIENCE] })),
    verifiedBearer,
    alone,
    once(SECOND_AUDIENCE),
    expiry,
  );
  return list;
}
