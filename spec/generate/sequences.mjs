// Several presentations to one verifier, in order: what is used up, what is not, and what is remembered.
import {
  AUDIENCE,
  agent,
  agentP256,
  BEARER_CLAIMS,
  HTTP,
  MESSAGE,
  NOW,
  SECOND_AUDIENCE,
  stranger,
  VERIFIER,
} from "./common/baseline.mjs";
import { holding, ofEnterprise, payload, reversed } from "./common/changes.mjs";
import { present, refused, verified, verifiedBearer, verifiedFor } from "./common/presentations.mjs";
import { mirrored } from "./common/signatures.mjs";
import { attestation, bearer, proof } from "./common/tokens.mjs";

export const verifiers = {
  default: VERIFIER,
  bearer: { ...VERIFIER, allowBearer: true, allowMultipleAudiences: true },
  "room-for-one": { ...VERIFIER, replayCapacity: 1 },
  "just-started": { ...VERIFIER, allowBearer: true, replayCacheMadeAt: NOW },
};

const JTI = "used-by-every-proof-here";
const withJti = (change) => payload({ jti: JTI, ...change });

export function vectors() {
  const list = [];
  const put = (title, requirements, presentations, verifier = "default") =>
    list.push({ title: `In turn: ${title}`, requirements, verifier, presentations });
  const token = attestation();
  const use = (made, expected, other = {}) => present(other.token ?? token, expected, { proof: made, ...other });
  const replayed = refused("ERR_REPLAY");

  put(
    "a proof, and the same again",
    ["R3"],
    [use(proof(token), verified), use(proof(token), replayed), use(proof(token), replayed)],
  );
  put(
    "two proofs for one attestation",
    ["T21"],
    [
      use(proof(token, MESSAGE, withJti({ jti: "first-proof-of-two" })), verified),
      use(proof(token, MESSAGE, withJti({ jti: "second-proof-of-two" })), verified),
    ],
  );
  const respelt = [
    ["with its claims in another order", { ...withJti(), payloadText: reversed }],
    ["with white space in it", { ...withJti(), payloadText: (text) => `${text} ` }],
    [
      "with an escape in its `jti`",
      { ...withJti(), payloadText: (text) => text.replace(`"${JTI}"`, `"\\u0075${JTI.slice(1)}"`) },
    ],
    ["with an unknown claim", withJti({ nonce: "other" })],
    ["with another `iat`", withJti({ iat: NOW - 1 })],
  ];
  for (const [title, change] of respelt) {
    put(
      `a proof, and the same use signed anew ${title}`,
      ["R1"],
      [use(proof(token, MESSAGE, withJti()), verified), use(proof(token, MESSAGE, change), replayed)],
    );
  }
  put(
    "a proof, and its `jti` for another message",
    ["R1"],
    [
      use(proof(token, MESSAGE, withJti()), verified),
      use(proof(token, { ...MESSAGE, method: "tools/list" }, withJti()), replayed, {
        request: { ...MESSAGE, method: "tools/list" },
      }),
    ],
  );
  const renewed = attestation(payload({ jti: "attestation-0002" }));
  put(
    "a proof, and its `jti` with a renewed attestation",
    ["R1"],
    [
      use(proof(token, MESSAGE, withJti()), verified),
      use(proof(renewed, MESSAGE, withJti()), replayed, { token: renewed }),
    ],
  );
  const p256Token = attestation(holding(agentP256));
  put(
    "a P-256 proof, and the same with the other S",
    ["R1", "K1"],
    [
      use(proof(p256Token, MESSAGE, {}, { key: agentP256 }), verifiedFor(agentP256), { token: p256Token }),
      use(proof(p256Token, MESSAGE, { signature: mirrored }, { key: agentP256 }), replayed, { token: p256Token }),
    ],
  );
  put(
    "one `jti` at two of this server's names",
    ["R2"],
    [
      use(proof(token, MESSAGE, withJti()), verified),
      use(proof(token, MESSAGE, withJti({ aud: SECOND_AUDIENCE })), verified),
    ],
  );
  const other = attestation(holding(stranger));
  put(
    "one `jti` of two agents",
    ["R2"],
    [
      use(proof(token, MESSAGE, withJti()), verified),
      use(proof(other, MESSAGE, withJti(), { key: stranger }), verifiedFor(stranger), { token: other }),
    ],
  );
  const corp = attestation(ofEnterprise({ sub: "spiffe://corp.example/a" }));
  put(
    "one `jti` of two issuers",
    ["R2"],
    [
      use(proof(token, MESSAGE, withJti()), verified),
      use(
        proof(corp, MESSAGE, withJti()),
        { ...verified, trustLevel: "enterprise", subject: "spiffe://corp.example/a" },
        { token: corp },
      ),
    ],
  );

  const wasted = (title, code, made, extra = {}, requirements = ["R5"]) =>
    put(`a proof that is refused ${title}, and then as it should be`, requirements, [
      use(made, refused(code, extra.time), extra),
      use(proof(token), verified),
    ]);
  wasted("with another message", "ERR_PROOF_DIGEST", proof(token), { request: { ...MESSAGE, method: "x" } });
  wasted("in another session", "ERR_PROOF_SESSION", proof(token), { sessionId: "s" });
  wasted("beside another access token", "ERR_PROOF_ACCESS_TOKEN", proof(token), { accessToken: "t" });
  wasted("with a stranger's signature", "ERR_PROOF_SIGNATURE", proof(token, MESSAGE, { key: stranger }));
  wasted("before its time", "ERR_PROOF_TIME", proof(token), { time: NOW - 31 });

  put(
    "a proof at every edge of its time",
    ["R4", "T19"],
    [
      use(proof(token), verified, { time: NOW - 30 }),
      ...[-29, 0, 59, 60, 61, 89, 90].map((later) => use(proof(token), replayed, { time: NOW + later })),
      ...[91, 94, 95, 96, 115, 116].map((later) =>
        use(proof(token), refused("ERR_PROOF_TIME", NOW + later), { time: NOW + later }),
      ),
    ],
  );
  const ahead = proof(token, MESSAGE, payload({ iat: NOW + 30 }));
  put(
    "a proof dated ahead, at every edge of its time",
    ["R4"],
    [
      use(ahead, verified),
      ...[1, 60, 90, 119, 120].map((later) => use(ahead, replayed, { time: NOW + later })),
      ...[121, 125, 126, 145].map((later) => use(ahead, refused("ERR_PROOF_TIME", NOW + later), { time: NOW + later })),
    ],
  );
  put(
    "an attestation that was verified, until it ends",
    ["T21", "T19"],
    [
      use(proof(token), verified),
      use(proof(token, MESSAGE, payload({ iat: NOW + 324 })), verified, { time: NOW + 324 }),
      use(proof(token, MESSAGE, payload({ iat: NOW + 325 })), refused("ERR_ATTESTATION_EXPIRED", NOW + 325), {
        time: NOW + 325,
      }),
    ],
  );
  put(
    "an attestation that was verified, and one that only looks like it",
    ["T21"],
    [
      use(proof(token), verified),
      present(attestation({ key: stranger }), refused("ERR_ATTESTATION_SIGNATURE")),
      present(
        attestation({ token: (text) => text.replace(/.$/, (last) => (last === "A" ? "Q" : "A")) }),
        refused("ERR_ATTESTATION_SIGNATURE"),
      ),
      present(
        attestation({ payload: { sub: "spiffe://example.com/model/other" }, key: agent }),
        refused("ERR_ATTESTATION_SIGNATURE"),
      ),
    ],
  );

  const once = bearer();
  const bare = { request: undefined, proof: undefined };
  put(
    "a bearer attestation, and the same again",
    ["R3"],
    [
      present(once, verifiedBearer, bare),
      present(once, replayed, bare),
      present(once, replayed, { ...bare, time: BEARER_CLAIMS.exp + 29 }),
      present(once, refused("ERR_ATTESTATION_EXPIRED", BEARER_CLAIMS.exp + 30), {
        ...bare,
        time: BEARER_CLAIMS.exp + 30,
      }),
    ],
    "bearer",
  );
  put(
    "a bearer attestation, and its `jti` in another",
    ["R1"],
    [
      present(once, verifiedBearer, bare),
      present(bearer(payload({ exp: NOW + 100, sub: "spiffe://example.com/other" })), replayed, bare),
    ],
    "bearer",
  );
  put(
    "a bearer attestation, and its `jti` at another of this server's names",
    ["R2"],
    [present(once, verifiedBearer, bare), present(bearer(payload({ aud: SECOND_AUDIENCE })), verifiedBearer, bare)],
    "bearer",
  );
  put(
    "a bearer attestation for two of this server's names, and the same again",
    ["R2", "R3"],
    [
      present(bearer(payload({ aud: [AUDIENCE, SECOND_AUDIENCE] })), verifiedBearer, bare),
      present(bearer(payload({ aud: [AUDIENCE, SECOND_AUDIENCE] })), replayed, bare),
    ],
    "bearer",
  );
  put(
    "a bearer attestation with the `jti` of a proof",
    ["R2"],
    [use(proof(token, MESSAGE, withJti()), verified), present(bearer(payload({ jti: JTI })), verifiedBearer, bare)],
    "bearer",
  );

  put(
    "more uses than there is room for",
    ["R7"],
    [
      use(proof(token), verified),
      use(proof(token, MESSAGE, withJti()), refused("ERR_REPLAY_CACHE_FULL")),
      use(proof(token), replayed),
      use(proof(token, MESSAGE, withJti({ iat: NOW + 130 })), verified, { time: NOW + 130 }),
    ],
    "room-for-one",
  );

  const early = refused("ERR_REPLAY_BEFORE_START");
  const at = (iat) => payload({ iat });
  const http = (iat, expected, time = NOW) => use(proof(token, HTTP, at(iat)), expected, { request: HTTP, time });
  put(
    "HTTP requests at a process that has just started",
    ["R17"],
    [
      http(NOW - 60, early),
      http(NOW - 1, early),
      http(NOW, early),
      http(NOW, refused("ERR_REPLAY_BEFORE_START", NOW + 60), NOW + 60),
      http(NOW + 1, verified),
      http(NOW + 1, replayed),
      http(NOW + 2, verified, NOW + 2),
    ],
    "just-started",
  );
  const inMessage = (iat, expected, other) => use(proof(token, MESSAGE, at(iat)), expected, other);
  put(
    "messages over stdio, and over HTTP, at a process that has just started",
    ["R17"],
    [
      inMessage(NOW, early, { overHttp: true }),
      inMessage(NOW + 1, verified, { overHttp: true }),
      inMessage(NOW - 2, verified),
      inMessage(NOW, verified),
    ],
    "just-started",
  );
  const issuedAt = (iat, change) => bearer(payload({ iat, nbf: iat, jti: `bearer-of-${iat}`, ...change }));
  put(
    "bearer attestations over HTTP, and over stdio, at a process that has just started",
    ["R17"],
    [
      present(issuedAt(NOW - 5), early, { ...bare, overHttp: true, request: MESSAGE }),
      present(issuedAt(NOW - 4), verifiedBearer, { ...bare, overHttp: true, request: MESSAGE }),
      present(issuedAt(NOW - 6), verifiedBearer, { ...bare, request: MESSAGE }),
    ],
    "just-started",
  );
  return list;
}
