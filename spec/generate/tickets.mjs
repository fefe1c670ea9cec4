// MAC proofs under tickets of a ring (SPEC §19): honest ones, and ones with one thing wrong.
import {
  AUDIENCE,
  agentP256,
  HTTP,
  MESSAGE,
  NOW,
  RESPONSE,
  SECOND_AUDIENCE,
  stranger,
  VERIFIER,
} from "./common/baseline.mjs";
import { base64url, sha256 } from "./common/bytes.mjs";
import { holding, payload } from "./common/changes.mjs";
import { present, presenting, refused, verified, verifiedFor } from "./common/presentations.mjs";
import { thumbprint } from "./common/test-keys.mjs";
import { keyId, macProof, ringSecret, seal } from "./common/tickets.mjs";
import { attestation, bearer, proof } from "./common/tokens.mjs";

const [first, second, foreign] = ["first", "second", "foreign"].map(ringSecret);
const ringOf = (...secrets) => ({ tickets: { ring: secrets.map(base64url) } });

export const verifiers = {
  default: { ...VERIFIER, ...ringOf(first, second) },
  "several-audiences": { ...VERIFIER, ...ringOf(first), allowMultipleAudiences: true },
  "without-tickets": { ...VERIFIER, tickets: false },
  bearer: { ...VERIFIER, ...ringOf(first), allowBearer: true },
  preferred: { ...VERIFIER, ...ringOf(first), policy: "preferred" },
};

const TOKEN = attestation();
const TICKET = seal(first);
const verifiedMac = { ...verified, proof: "mac" };

export function vectors() {
  const { list, put } = presenting("MAC proof", { verifier: "default" });
  /** Presented with the request that it is for, unless `other` says that something else came. */
  const show =
    (expected) =>
    (title, requirements, { ticket = TICKET, token = TOKEN, change, ...other } = {}) => {
      const { proves = other.request ?? MESSAGE, request = proves, sessionId, accessToken } = other;
      const made = macProof(token, ticket, proves, { sessionId, accessToken, ...change });
      put(title, requirements, expected, token, { ...other, request, proof: made });
    };
  const good = show(verifiedMac);
  const bad = (title, requirements, code, cases) => show(refused(code, cases?.time))(title, requirements, cases);

  good("of a message", []);
  good("of a response", [], { proves: RESPONSE });
  good("of an HTTP request", [], { proves: HTTP });
  good("of an HTTP request without a body", [], { proves: { kind: "http", method: "DELETE" } });
  good("in a session", [], { proves: HTTP, sessionId: "session-1" });
  good("beside an access token", [], { proves: HTTP, accessToken: "mF_9.B5f-4.1JqM" });
  good("under a ticket of the ring's second secret", ["C7"], { ticket: seal(second) });
  good("with a `jti` of 16 characters", [], { change: { jti: "j".repeat(16) } });
  good("with a `jti` of 64 characters", [], { change: { jti: "j".repeat(64) } });
  good("in the last second of its ticket", [], { ticket: seal(first, { expiresAt: BigInt(NOW + 1) }) });
  good("as old as it may be", ["T19"], { time: NOW + 90 });
  good("dated ahead as far as it may be", ["T19"], { time: NOW - 30 });
  good("of another name of this server", [], {
    ticket: seal(first, { audience: SECOND_AUDIENCE }),
    change: { audience: SECOND_AUDIENCE },
  });
  const p256 = attestation(holding(agentP256));
  const p256Ticket = seal(first, { holder: thumbprint(agentP256.jwk) });
  put("of an agent with a P-256 key", [], { ...verifiedFor(agentP256), proof: "mac" }, p256, {
    proof: macProof(p256, p256Ticket),
  });

  // The form.
  for (const [title, text] of [
    ["without its last field", (made) => made.slice(0, made.lastIndexOf("~"))],
    ["with a field more", (made) => `${made}~`],
    ["of another version", (made) => made.replace("mac1~", "mac2~")],
    ["with its version in upper case", (made) => made.replace("mac1~", "MAC1~")],
    ["with white space before it", (made) => ` ${made}`],
    ["with a line feed at its end", (made) => `${made}\n`],
    ["with padding", (made) => `${made}=`],
    ["in plain base64", (made) => `${made.slice(0, -1)}+`],
    ["with two separators", (made) => made.replace("~", "~~")],
    ["that is its version alone", () => "mac1~"],
  ]) {
    bad(title, ["T16"], "ERR_PROOF_FORMAT", { change: { text } });
  }
  for (const iat of [`0${NOW}`, `+${NOW}`, `${NOW}.0`, "1e9", "-1", "", "9007199254740993", ` ${NOW}`]) {
    bad(`with the time ${JSON.stringify(iat)}`, ["T18"], "ERR_PROOF_FORMAT", { change: { iat } });
  }
  for (const jti of [
    "j".repeat(15),
    "j".repeat(65),
    "jti.with.dots.in.it",
    "jti with spaces in it",
    "jti~with~signs~in~it",
  ]) {
    bad(`with the \`jti\` ${jti}`, ["T13"], "ERR_PROOF_FORMAT", { change: { jti } });
  }
  for (const digest of ["", "short", `${sha256("x")}=`]) {
    bad(`with the digest ${JSON.stringify(digest)}`, ["T13"], "ERR_PROOF_FORMAT", { change: { digest } });
  }
  for (const ticket of ["", "A".repeat(63), "A".repeat(513), `${"A".repeat(203)}.`]) {
    bad(`with a ticket of ${ticket.length} characters`, ["T17"], "ERR_PROOF_FORMAT", { ticket });
  }
  bad("of more than 1024 characters", ["T17"], "ERR_PROOF_SIZE", {
    change: { text: (made) => made + "A".repeat(800) },
  });

  // What it is for.
  put("of a message without one", ["C4"], refused("ERR_PROOF_REQUEST"), TOKEN, {
    request: undefined,
    proof: macProof(TOKEN, TICKET),
  });
  bad("in an empty session", ["C4"], "ERR_PROOF_SESSION", { proves: HTTP, sessionId: "" });
  bad("in a session whose name has a line feed in it", ["C4"], "ERR_PROOF_SESSION", {
    proves: HTTP,
    sessionId: "a\n-",
  });
  bad("by a method with a space in it", ["C4"], "ERR_PROOF_METHOD", { proves: { ...HTTP, method: "PO ST" } });

  // The ticket.
  const unknown = (title, ticket) => bad(`under a ticket ${title}`, ["C1"], "ERR_TICKET_UNKNOWN", { ticket });
  unknown("of another ring", seal(foreign));
  unknown("of another ring, by the name of one of this", seal(foreign, { id: keyId(first) }));
  unknown("of this ring, by the name of another", seal(first, { id: keyId(foreign) }));
  unknown("of another version", seal(first, { version: 2 }));
  unknown("sealed without associated data", seal(first, { associated: Buffer.alloc(0) }));
  unknown("with a byte more", seal(first, { plain: Buffer.alloc(105) }));
  unknown("with a byte less", seal(first, { plain: Buffer.alloc(103) }));
  unknown("of 64 characters", "A".repeat(64));
  unknown("of 512 characters", "A".repeat(512));
  for (const at of [1, 11, 20, 50, 120, 203]) {
    const other = TICKET[at] === "A" ? "B" : "A";
    unknown(`with its character ${at} changed`, TICKET.slice(0, at) + other + TICKET.slice(at + 1));
  }
  for (const [title, expiresAt] of [
    ["ends now", BigInt(NOW)],
    ["ended long ago", 0n],
  ]) {
    bad(`under a ticket that ${title}`, ["T19"], "ERR_TICKET_EXPIRED", { ticket: seal(first, { expiresAt }) });
  }
  bad("under a ticket of another server", ["M5", "C4"], "ERR_TICKET_AUDIENCE", {
    ticket: seal(first, { audience: "https://other.example/mcp" }),
  });
  bad("of another name of this server than the attestation is for", ["M5"], "ERR_TICKET_AUDIENCE", {
    token: attestation(payload({ aud: SECOND_AUDIENCE })),
  });
  const both = attestation(payload({ aud: [AUDIENCE, SECOND_AUDIENCE] }));
  put("of a name that the attestation is for, among others", ["M5"], verifiedMac, both, {
    verifier: "several-audiences",
    proof: macProof(both, TICKET),
  });
  bad("under a ticket of another key", ["C1", "C4"], "ERR_TICKET_HOLDER", {
    ticket: seal(first, { holder: thumbprint(stranger.jwk) }),
  });
  bad("beside an attestation of another key", ["C4"], "ERR_TICKET_HOLDER", { token: p256 });

  // The time.
  bad("older than it may be", ["T19"], "ERR_PROOF_TIME", { time: NOW + 91 });
  bad("dated further ahead than it may be", ["T19"], "ERR_PROOF_TIME", { time: NOW - 31 });

  // The MAC, over each of the ten lines.
  for (const [at, line] of [
    "io.github.attest/mac/2",
    sha256("another ticket"),
    sha256("another attestation"),
    SECOND_AUDIENCE,
    String(NOW - 1),
    "another-jti-of-the-vectors",
    "http POST",
    sha256("another message"),
    "+session-1",
    `+${sha256("token")}`,
  ].entries()) {
    const lines = (all) => all.map((own, index) => (index === at ? line : own));
    bad(`over another line ${at + 1}`, ["C4"], "ERR_TICKET_MAC", { change: { lines } });
  }
  bad("over ten lines and a line feed", ["C4"], "ERR_TICKET_MAC", { change: { lines: (all) => [...all, ""] } });
  bad("under another key", ["C1"], "ERR_TICKET_MAC", { change: { key: Buffer.alloc(32) } });
  bad("under the empty key", ["C1"], "ERR_TICKET_MAC", { change: { key: "" } });
  for (const [title, fields] of [
    ["time", { iat: NOW - 1 }],
    ["`jti`", { jti: "another-jti-of-the-vectors" }],
    ["digest", { digest: sha256("another message") }],
    ["MAC", { mac: base64url(Buffer.alloc(32)) }],
  ]) {
    bad(`with another ${title} than the MAC is over`, ["C4"], "ERR_TICKET_MAC", { change: { fields } });
  }
  bad("whose MAC has bits beyond its last byte", ["T16"], "ERR_TICKET_MAC", {
    change: { text: (made) => made.slice(0, -1) + nextSpelling(made.at(-1)) },
  });
  bad("of a message, with an HTTP request", ["C4"], "ERR_TICKET_MAC", { proves: MESSAGE, request: HTTP });
  bad("of an HTTP request, with a message", ["C4"], "ERR_TICKET_MAC", { proves: HTTP, request: MESSAGE });
  bad("by another method", ["C4"], "ERR_TICKET_MAC", { proves: HTTP, request: { ...HTTP, method: "PUT" } });
  bad("of another session", ["M1", "C4"], "ERR_TICKET_MAC", {
    proves: HTTP,
    sessionId: "session-1",
    change: { sessionId: "session-2" },
  });
  bad("of a session, without one", ["M1", "C4"], "ERR_TICKET_MAC", {
    proves: HTTP,
    change: { sessionId: "session-1" },
  });
  bad("without a session, in one", ["M1", "C4"], "ERR_TICKET_MAC", {
    proves: HTTP,
    sessionId: "session-1",
    change: { sessionId: undefined },
  });
  bad("of another access token", ["M5", "C4"], "ERR_TICKET_MAC", {
    proves: HTTP,
    accessToken: "one",
    change: { accessToken: "two" },
  });
  bad("beside an attestation that was renewed meanwhile", ["C4"], "ERR_TICKET_MAC", {
    token: attestation(payload({ jti: "attestation-0002" })),
    change: { attestation: TOKEN },
  });

  // The digest, only after the MAC.
  bad("of another message", ["M5", "C5"], "ERR_PROOF_DIGEST", {
    proves: MESSAGE,
    request: { ...MESSAGE, method: "tools/list" },
  });
  bad("of another body", ["M5", "C5"], "ERR_PROOF_DIGEST", {
    proves: HTTP,
    request: { ...HTTP, body: base64url("{}") },
  });
  bad("of a message that has no digest", ["C5"], "ERR_PROOF_DIGEST", {
    proves: MESSAGE,
    request: { ...MESSAGE, params: [] },
  });

  // Where it does not belong.
  bad("of a server that grants no tickets", ["C7"], "ERR_TICKETS_OFF", { verifier: "without-tickets" });
  bad("that does not hold, under the policy `preferred`", ["T23"], "ERR_TICKET_MAC", {
    verifier: "preferred",
    change: { key: Buffer.alloc(32) },
  });
  const bearerToken = bearer();
  put("beside a bearer attestation", ["T24"], refused("ERR_PROOF_UNEXPECTED"), bearerToken, {
    verifier: "bearer",
    proof: macProof(bearerToken, TICKET),
  });
  const token = attestation(payload({ exp: NOW - 30 }));
  put("beside an attestation that has expired", ["C6"], refused("ERR_ATTESTATION_EXPIRED"), token, {
    proof: macProof(token, TICKET),
  });
  const claims = (alg) => ({ header: { alg }, signature: () => Buffer.alloc(32) });
  for (const alg of ["HS256", "none"]) {
    put(`that is a JWS by ${alg}`, ["T2", "C8"], refused("ERR_PROOF_FORMAT"), TOKEN, {
      proof: proof(TOKEN, MESSAGE, claims(alg)),
    });
  }

  // In turn.
  const use = (made, expected) => present(TOKEN, expected, { proof: made });
  const inTurn = (title, requirements, ...presentations) =>
    list.push({ title: `MAC proof: ${title}`, requirements, verifier: "default", presentations });
  const made = macProof(TOKEN, TICKET);
  const replayed = refused("ERR_REPLAY");
  inTurn("and the same again", ["R3"], use(made, verifiedMac), use(made, replayed));
  inTurn(
    "and one with its `jti` under another ticket",
    ["R1"],
    use(made, verifiedMac),
    use(macProof(TOKEN, seal(second)), replayed),
  );
  inTurn(
    "and one with its `jti` and another time",
    ["R1"],
    use(made, verifiedMac),
    use(macProof(TOKEN, TICKET, MESSAGE, { iat: NOW - 1 }), replayed),
  );
  inTurn(
    "and a signed proof with its `jti`, which is another use",
    ["R2"],
    use(made, verifiedMac),
    use(proof(TOKEN, MESSAGE, payload({ jti: "mac-proof-of-the-vectors" })), { ...verified, proof: "signature" }),
  );
  inTurn(
    "refused, and the same with what was wrong put right",
    ["R5"],
    use(macProof(TOKEN, TICKET, MESSAGE, { key: Buffer.alloc(32) }), refused("ERR_TICKET_MAC")),
    use(made, verifiedMac),
  );
  return list;
}

/** The base64url character that differs in the lowest bit alone, which is beyond the last byte of 32. */
function nextSpelling(character) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return alphabet[alphabet.indexOf(character) ^ 1];
}
