// Chains of one to four links, and links with one thing wrong.
import { AUDIENCE, BOUND_CLAIMS, NOW, SECOND_AUDIENCE, stranger, VERIFIER } from "../common/baseline.mjs";
import { base64url } from "../common/bytes.mjs";
import { chain, confirming, KEYS, link, subAgentP256 } from "../common/chains.mjs";
import { payload, show, spell } from "../common/changes.mjs";
import { refused, verified, verifiedFor } from "../common/presentations.mjs";
import { UNSAFE_POINTS } from "../common/test-keys.mjs";
import { attestation, proof } from "../common/tokens.mjs";

const honest = attestation();
/** A chain and the last one's proof for it. */
const by = (text, nth, change) => ({ proof: proof(text, undefined, change, { key: KEYS[nth] ?? nth }) });

export function addCases({ list, put }) {
  const good = (title, requirements, text, nth, other) =>
    put(title, requirements, verifiedFor(KEYS[nth] ?? nth), text, { ...by(text, nth), ...other });
  const bad = (title, requirements, code, text, nth, other) =>
    put(title, requirements, refused(code), text, { ...by(text, nth), ...other });
  /** Of three links the second is altered: before it and after it everything is right. */
  const middle = (title, requirements, code, change, other) =>
    bad(title, requirements, code, chain(honest, {}, change, {}), 3, other);
  const last = (title, requirements, code, change, other) =>
    bad(title, requirements, code, chain(honest, change), 1, other);

  // Lengths.
  for (const [length, title] of [
    [1, "one link"],
    [2, "two links"],
    [3, "three links"],
    [4, "four links"],
  ]) {
    const text = chain(honest, ...Array(length).fill({}));
    good(title, ["SPEC-21.1"], text, length);
    bad(`${title}, of a server that accepts none`, ["D1", "SPEC-21.10"], "ERR_DELEGATION_NOT_ALLOWED", text, length, {
      verifier: "none",
    });
    bad(
      `${title}, of a server that accepts none and lets strangers pass`,
      ["D1", "T23", "SPEC-21.10"],
      "ERR_DELEGATION_NOT_ALLOWED",
      text,
      length,
      { verifier: "none-optional" },
    );
  }
  good("two links, where two are accepted", ["SPEC-21.10"], chain(honest, {}, {}), 2, { verifier: "two-links" });
  bad(
    "two links, where one is accepted",
    ["D1", "SPEC-21.10"],
    "ERR_DELEGATION_NOT_ALLOWED",
    chain(honest, {}, {}),
    2,
    { verifier: "one-link" },
  );
  bad(
    "five links",
    ["D1", "SPEC-21.2"],
    "ERR_DELEGATION_NOT_ALLOWED",
    chain(honest, {}, {}, {}, payload({ depth: 0 }), payload({ depth: 0 })),
    5,
  );
  const wide = chain(honest, payload({ name: "a", x: "b".repeat(4000) }));
  bad("longer than 6144 characters", ["T17", "SPEC-21.2"], "ERR_ATTESTATION_SIZE", wide, 1);
  for (const [title, text] of [
    ["nothing after the attestation", `${honest}~`],
    ["nothing before the link", `~${link(honest, 1)}`],
    ["nothing between two", `${honest}~~${link(honest, 1)}`],
    ["a text that is no JWS", `${honest}~abc`],
    ["an attestation in the place of a link", `${honest}~${honest}`],
    ["a proof in the place of a link", `${honest}~${proof(honest)}`],
  ]) {
    const code = title.startsWith("nothing before")
      ? "ERR_DELEGATION_PARENT"
      : / in the place /.test(title)
        ? "ERR_DELEGATION_HEADER"
        : "ERR_DELEGATION_FORMAT";
    bad(`with ${title}`, ["T9", "SPEC-21.1"], code, text, 1);
  }

  // The header.
  for (const typ of ["agent-attestation+jwt", "agent-attestation-pop+jwt", "JWT", "Agent-Attestation-Delegation+JWT"]) {
    middle(`a link of the typ ${typ}`, ["T9", "SPEC-21.4"], "ERR_DELEGATION_HEADER", { header: { typ } });
  }
  middle("a link without typ", ["T9", "SPEC-21.4"], "ERR_DELEGATION_FORMAT", { header: { typ: undefined } });
  middle("a link with a kid", ["T6", "SPEC-21.4"], "ERR_DELEGATION_HEADER", { header: { kid: "k" } });
  for (const member of ["crit", "jwk", "b64", "x5c"]) {
    middle(`a link with ${member}`, ["T4", "T7", "SPEC-21.4"], "ERR_DELEGATION_FORMAT", { header: { [member]: "x" } });
  }
  for (const alg of ["none", "HS256", "EdDSA", "ES256", "ed25519"]) {
    middle(`a link of the alg ${alg}`, ["T1", "T2", "SPEC-21.4"], "ERR_DELEGATION_HEADER", { header: { alg } });
  }
  const p256 = chain(honest, { to: subAgentP256 }, { by: subAgentP256 });
  good("a link by a P-256 key", ["SPEC-21.4"], p256, 2);
  bad(
    "a link by a P-256 key, of a server that takes none from agents",
    ["T1", "SPEC-21.4"],
    "ERR_DELEGATION_HEADER",
    p256,
    2,
    { verifier: "ed25519-only" },
  );

  // Who signed it, and what it follows.
  middle("a link that a stranger signed", ["D2", "SPEC-21.4"], "ERR_DELEGATION_SIGNATURE", { key: stranger });
  middle(
    "a link that the attested agent signed, over the head of the first",
    ["D2", "SPEC-21.4"],
    "ERR_DELEGATION_SIGNATURE",
    { key: KEYS[0] },
  );
  middle("a link that its own key signed", ["D2", "SPEC-21.4"], "ERR_DELEGATION_SIGNATURE", { key: KEYS[2] });
  last("a link with an altered signature", ["D2", "SPEC-21.4"], "ERR_DELEGATION_SIGNATURE", {
    signature: (bytes) => Buffer.concat([bytes.subarray(0, 63), Buffer.from([bytes[63] ^ 1])]),
  });
  const texts = chain(honest, {}, {}, {}).split("~");
  for (const [title, order] of [
    ["the first left out", [0, 2, 3]],
    ["the second left out", [0, 1, 3]],
    ["two exchanged", [0, 2, 1, 3]],
    ["one twice", [0, 1, 1]],
  ]) {
    bad(`a chain with ${title}`, ["D3", "SPEC-21.3"], "ERR_DELEGATION_PARENT", order.map((i) => texts[i]).join("~"), 3);
  }
  bad("a chain with its last cut off", ["D3", "SPEC-21.3"], "ERR_PROOF_SIGNATURE", texts.slice(0, 3).join("~"), 3);
  const renewed = attestation(payload({ jti: "attestation-0002" }));
  bad(
    "the links of one attestation after another of the same agent",
    ["D3", "SPEC-21.3"],
    "ERR_DELEGATION_PARENT",
    [renewed, ...texts.slice(1)].join("~"),
    3,
  );
  for (const parent of [undefined, "", "abc", 1, null, "A".repeat(43)]) {
    middle(
      `a link whose parent is ${show(parent)}`,
      ["D3", "SPEC-21.3"],
      parent === "A".repeat(43) ? "ERR_DELEGATION_PARENT" : "ERR_DELEGATION_CLAIMS",
      payload({ parent }),
    );
  }
  put(
    "a proof by the attested agent's key",
    ["D2", "SPEC-21.6"],
    refused("ERR_PROOF_SIGNATURE"),
    texts.join("~"),
    by(texts.join("~"), 0),
  );
  put("a proof for the attestation alone", ["SPEC-21.6"], refused("ERR_PROOF_ATTESTATION"), texts.join("~"), {
    proof: proof(honest, undefined, {}, { key: KEYS[3] }),
  });
  put("no proof", ["T24", "SPEC-21.6"], refused("ERR_PROOF_REQUIRED"), texts.join("~"), { proof: undefined });

  // Keys.
  bad(
    "the attested agent's key again",
    ["D4", "SPEC-21.4"],
    "ERR_DELEGATION_KEY",
    chain(honest, {}, { to: KEYS[0] }),
    0,
  );
  bad("a key twice", ["D4", "SPEC-21.4"], "ERR_DELEGATION_KEY", chain(honest, {}, {}, { to: KEYS[1] }), 1);
  bad("a link from a key to itself", ["D4", "SPEC-21.4"], "ERR_DELEGATION_KEY", chain(honest, { to: KEYS[0] }), 0);
  const spelt = { payloadText: (text) => text.replace('"kty"', '"use":"sig","kid":"x","kty"') };
  bad(
    "the attested agent's key again, with other members",
    ["D4", "SPEC-21.4"],
    "ERR_DELEGATION_KEY",
    chain(honest, {}, { to: KEYS[0], ...spelt }),
    0,
  );
  middle(
    "a key with its private half",
    ["K3", "SPEC-21.4"],
    "ERR_DELEGATION_KEY",
    payload({ cnf: { jwk: { ...confirming(KEYS[2]).jwk, d: "AA" } } }),
  );
  middle(
    "a weak key",
    ["K2", "SPEC-21.4"],
    "ERR_DELEGATION_KEY",
    payload({ cnf: { jwk: { kty: "OKP", crv: "Ed25519", x: base64url(UNSAFE_POINTS[0][1]) } } }),
  );
  middle(
    "a key of another type",
    ["SPEC-21.4"],
    "ERR_DELEGATION_KEY",
    payload({ cnf: { jwk: { kty: "OKP", crv: "X25519", x: confirming(KEYS[2]).jwk.x } } }),
  );
  for (const cnf of [undefined, null, {}, { jwk: "k" }, { jkt: "k" }]) {
    middle(`a link with the key ${show(cnf)}`, ["SPEC-21.4"], "ERR_DELEGATION_CLAIMS", payload({ cnf }));
  }

  // Times.
  good("that begins 30 seconds before its parent", ["T19", "SPEC-21.5"], chain(honest, payload({ iat: NOW - 35 })), 1);
  last(
    "a link dated more than 30 seconds before its parent",
    ["T19", "SPEC-21.5"],
    "ERR_DELEGATION_TIMES",
    payload({ iat: NOW - 36 }),
  );
  good("that begins 30 seconds ahead", ["T19", "SPEC-21.5"], chain(honest, payload({ iat: NOW + 30 })), 1);
  last(
    "a link dated more than 30 seconds ahead",
    ["T19", "SPEC-21.5"],
    "ERR_DELEGATION_TIMES",
    payload({ iat: NOW + 31 }),
  );
  good("that ends with its parent", ["SPEC-21.5"], chain(honest, payload({ exp: BOUND_CLAIMS.exp })), 1);
  last(
    "a link that outlives its parent",
    ["D5", "SPEC-21.5"],
    "ERR_DELEGATION_TIMES",
    payload({ exp: BOUND_CLAIMS.exp + 1 }),
  );
  middle(
    "a link that outlives the one before it, and not the attestation",
    ["D5", "SPEC-21.5"],
    "ERR_DELEGATION_TIMES",
    payload({ exp: NOW + 295 }),
  );
  last("a link that ends before it begins", ["T18", "SPEC-21.5"], "ERR_DELEGATION_TIMES", payload({ exp: NOW }));
  bad(
    "an expired link",
    ["T19", "SPEC-21.5"],
    "ERR_DELEGATION_EXPIRED",
    chain(honest, payload({ iat: NOW - 35, exp: NOW - 30 })),
    1,
  );
  good(
    "that expired 29 seconds ago",
    ["T19", "SPEC-21.5"],
    chain(honest, payload({ iat: NOW - 35, exp: NOW - 29 })),
    1,
  );
  for (const name of ["iat", "exp", "depth"]) {
    for (const value of ["1800000000", "1e999", "-1", "1800000000.5", "null"]) {
      const code = "ERR_DELEGATION_CLAIMS";
      middle(`a link whose ${name} is ${value}`, ["T18", "SPEC-21.5"], code, {
        payloadText: spell(name, value === "1800000000" ? `"${value}"` : value),
      });
    }
    middle(`a link without ${name}`, ["T18", "SPEC-21.5"], "ERR_DELEGATION_CLAIMS", payload({ [name]: undefined }));
  }

  // Depth.
  middle("a link as deep as the one before it", ["D1", "SPEC-21.5"], "ERR_DELEGATION_DEPTH", payload({ depth: 3 }));
  middle(
    "a link after which none may follow, and one follows",
    ["D1", "SPEC-21.5"],
    "ERR_DELEGATION_DEPTH",
    payload({ depth: 0 }),
  );
  last("a link that allows four more", ["D1", "SPEC-21.5"], "ERR_DELEGATION_CLAIMS", payload({ depth: 4 }));
  good("that allows none after it", ["SPEC-21.5"], chain(honest, payload({ depth: 0 })), 1);

  // Audiences.
  good("for several audiences", ["SPEC-21.6"], chain(honest, payload({ aud: ["https://other.example", AUDIENCE] })), 1);
  middle(
    "a link for another server",
    ["T20", "SPEC-21.6"],
    "ERR_DELEGATION_AUDIENCE",
    payload({ aud: "https://other.example" }),
  );
  middle(
    "a link for another name of this server than the proof",
    ["T20", "SPEC-21.6"],
    "ERR_PROOF_AUDIENCE",
    payload({ aud: SECOND_AUDIENCE }),
  );
  for (const aud of [undefined, null, [], "", "a b", Array(65).fill(AUDIENCE), [1]]) {
    middle(
      `a link for the audience ${Array.isArray(aud) && aud.length > 1 ? "of 65" : show(aud)}`,
      ["SPEC-21.4"],
      "ERR_DELEGATION_CLAIMS",
      payload({ aud }),
    );
  }
  const forOne = attestation(payload({ aud: AUDIENCE }));
  good("after an attestation for this server", ["SPEC-21.6"], chain(forOne, {}), 1);

  // Other claims.
  good(
    "with claims that are not known",
    ["SPEC-21.4"],
    chain(honest, payload({ sub: "x", trust_level: "provider", iss: "https://authority.example" })),
    1,
  );
  good("with a name", ["SPEC-21.4"], chain(honest, payload({ name: "researcher" })), 1);
  for (const name of ["", "é", 1, null, "x".repeat(257)])
    middle(`a link with the name ${show(name)}`, ["T13", "SPEC-21.4"], "ERR_DELEGATION_CLAIMS", payload({ name }));
  for (const jti of [undefined, "", "a b", 1])
    middle(`a link with the jti ${show(jti)}`, ["SPEC-21.4"], "ERR_DELEGATION_CLAIMS", payload({ jti }));
  middle("a link with a claim twice", ["T10", "SPEC-21.4"], "ERR_DELEGATION_FORMAT", {
    payloadText: (text) => text.replace("{", '{"depth":0,'),
  });
  middle("a link in another spelling of base64url", ["T16", "SPEC-21.4"], "ERR_DELEGATION_FORMAT", {
    token: (text) => `${text}=`,
  });

  // Under a policy that lets strangers pass.
  middle(
    "a link that a stranger signed, under the policy optional",
    ["T23", "SPEC-21.10"],
    "ERR_DELEGATION_SIGNATURE",
    { key: stranger },
    { verifier: "optional" },
  );
  middle(
    "a link for another server, under the policy optional",
    ["T23", "SPEC-21.10"],
    "ERR_DELEGATION_AUDIENCE",
    payload({ aud: "https://other.example" }),
    { verifier: "optional" },
  );

  const remembered = chain(honest, {}, payload({ exp: NOW + 30 }));
  const use = (nth, time, expected) => ({
    time,
    attestation: remembered,
    proof: proof(remembered, undefined, payload({ iat: time, jti: `delegated-proof-number-${nth}` }), { key: KEYS[2] }),
    request: {
      kind: "message",
      method: "tools/call",
      params: { name: "transfer", arguments: { to: "Zoë", amount: 12.5, notes: ["a", null, true] } },
    },
    expected,
  });
  list.push({
    title: "Delegation: remembered, until a link has expired",
    requirements: ["T21", "SPEC-21.7"],
    verifier: "default",
    presentations: [
      use(1, NOW, verifiedFor(KEYS[2])),
      use(2, NOW + 59, verifiedFor(KEYS[2])),
      use(3, NOW + 60, refused("ERR_DELEGATION_EXPIRED", NOW + 60)),
    ],
  });
  put("the attested agent itself, of a server that accepts chains", ["SPEC-21.10"], verified, honest, {
    verifier: "default",
  });
  if (VERIFIER.maxDelegationDepth !== undefined) throw new Error("The usual verifier accepts no chains");
}
