// What a ticket is made of (SPEC §19): the key that is agreed, the ticket that seals it, the ten lines of a MAC, the field of a grant.
import { AUDIENCE, agent, HTTP, MESSAGE } from "./common/baseline.mjs";
import { base64url } from "./common/bytes.mjs";
import { payload } from "./common/changes.mjs";
import { thumbprint } from "./common/test-keys.mjs";
import {
  agree,
  agreementKey,
  CONTENT,
  digestOf,
  keyId,
  macLines,
  RANDOM,
  ringSecret,
  seal,
  ticketKey,
} from "./common/tickets.mjs";
import { attestation, proof } from "./common/tokens.mjs";

const SMALL_ORDER = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

export function vectors() {
  const token = attestation();
  const list = [];
  const put = (kind, title, requirements, members) =>
    list.push({ title: `Ticket: ${title}`, requirements, kind, ...members });

  for (const [title, name, request] of [
    ["a message asked for", "one", MESSAGE],
    ["an HTTP request asked for", "two", HTTP],
  ]) {
    const [own, servers] = [agreementKey(`agent ${name}`), agreementKey(`server ${name}`)];
    const asked = proof(token, request, payload({ ticket_epk: own.x }));
    const agreement = {
      proof: asked,
      audience: AUDIENCE,
      thumbprint: thumbprint(agent.jwk),
      agentKey: own.x,
      serverKey: servers.x,
    };
    const shared = agree(own, servers.x);
    put("key", `the key that ${title}`, ["C3"], {
      agentPrivateKey: base64url(own.seed),
      serverPrivateKey: base64url(servers.seed),
      ...agreement,
      shared: base64url(shared),
      key: base64url(ticketKey(shared, agreement)),
    });
  }
  for (const hex of SMALL_ORDER) {
    put("refused-key", `no key with the point ${hex.slice(0, 8)}… of small order`, ["C3"], {
      peer: Buffer.from(hex, "hex").toString("base64url"),
    });
  }
  const honest = agreementKey("agent one").x;
  for (const [title, peer] of [
    [
      "the highest bit set",
      base64url(Buffer.from(honest, "base64url").map((byte, at) => (at === 31 ? byte | 0x80 : byte))),
    ],
    ["31 bytes", honest.slice(0, -1)],
    ["33 bytes", base64url(Buffer.alloc(33, 9))],
    ["padding", `${honest}=`],
    ["a spelling that is not canonical", `${base64url(Buffer.alloc(32, 9)).slice(0, -1)}l`],
    ["plain base64", `+${honest.slice(1)}`],
  ]) {
    put("refused-key", `no key with ${title}`, ["C3"], { peer });
  }

  for (const [title, name, change] of [
    ["sealed by a ring's first secret", "first", {}],
    ["sealed by another secret", "second", {}],
    ["that ends at 0", "first", { expiresAt: 0n }],
    ["that ends at 2^53 − 1", "first", { expiresAt: BigInt(Number.MAX_SAFE_INTEGER) }],
    ["with another random", "first", { random: Buffer.alloc(24, 7) }],
  ]) {
    const secret = ringSecret(name);
    const { random, ...content } = { random: RANDOM, ...CONTENT, ...change };
    put("sealed", title, ["C1", "C6"], {
      secret: base64url(secret),
      keyId: base64url(keyId(secret)),
      random: base64url(random),
      key: base64url(content.key),
      holder: content.holder,
      audience: content.audience,
      expiresAt: Number(content.expiresAt),
      ticket: seal(secret, { random, ...content }),
    });
  }

  for (const [title, request, other] of [
    ["of a message", MESSAGE, {}],
    ["of an HTTP request in a session, beside an access token", HTTP, { sessionId: "s-1", accessToken: "t-1" }],
  ]) {
    const input = {
      ticket: seal(ringSecret("first")),
      attestation: token,
      audience: AUDIENCE,
      iat: 1_800_000_000,
      jti: "mac-proof-of-the-vectors",
      digest: digestOf(request),
      ...other,
    };
    put("lines", `the ten lines ${title}`, ["C4"], {
      request,
      ...input,
      text: macLines({ ...input, request }).join("\n"),
    });
  }

  const [ticket, epk] = [seal(ringSecret("first")), honest];
  const grant = { ticket, epk, expires_in: 300 };
  const field = (title, text, granted = null) => put("field", `a field ${title}`, [], { field: text, grant: granted });
  const [t, e, x] = [`ticket="${ticket}"`, `epk="${epk}"`, "expires_in=300"];
  field("with a grant", `${t}, ${e}, ${x}`, grant);
  field("with its members in another order", `${x},${e},${t}`, grant);
  field("with white space where it may be", `  ${t}\t,  ${e} ,${x}  `, grant);
  field("for the longest time", `${t}, ${e}, expires_in=3600`, { ...grant, expires_in: 3600 });
  field("for too long", `${t}, ${e}, expires_in=3601`);
  field("for too short", `${t}, ${e}, expires_in=29`);
  field("for a negative time", `${t}, ${e}, expires_in=-300`);
  field("with a Decimal", `${t}, ${e}, expires_in=300.0`);
  field("with a String for an Integer", `${t}, ${e}, expires_in="300"`);
  field("with a Token for a String", `ticket=${ticket}, ${e}, ${x}`);
  field("with a parameter", `${t};a=1, ${e}, ${x}`);
  field("with another member", `${t}, ${e}, ${x}, more=1`);
  field("with a member twice", `${t}, ${t}, ${e}, ${x}`);
  field("without `epk`", `${t}, ${x}`);
  field("with a comma at its end", `${t}, ${e}, ${x},`);
  field("of nothing", "");
  field("with a ticket that is too short", `ticket="${"A".repeat(63)}", ${e}, ${x}`);
  field("with a key of small order, which only the agreement finds", `${t}, epk="${"A".repeat(43)}", ${x}`, {
    ...grant,
    epk: "A".repeat(43),
  });
  return list;
}
