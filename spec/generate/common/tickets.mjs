// Tickets, the keys that they seal, and MAC proofs under those: made from the text of SPEC §19 alone.
import {
  createCipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
} from "node:crypto";
import { AUDIENCE, agent, MESSAGE, NOW } from "./baseline.mjs";
import { base64url, sha256 } from "./bytes.mjs";
import { thumbprint } from "./test-keys.mjs";
import { covered } from "./tokens.mjs";

const hash = (data) => createHash("sha256").update(data).digest();
const hkdf = (secret, salt, info, length) => Buffer.from(hkdfSync("sha256", secret, salt, info, length));

/** A secret of a ring, by name. */
export const ringSecret = (name) => hash(`attest test vectors: ring ${name}`);
export const keyId = (secret) => hkdf(secret, Buffer.alloc(0), "io.github.attest/ticket-id/1", 8);

/** An X25519 key pair by name. */
export function agreementKey(name) {
  const seed = hash(`attest test vectors: agreement ${name}`);
  const der = Buffer.concat([Buffer.from("302e020100300506032b656e04220420", "hex"), seed]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  return { privateKey, seed, x: createPublicKey(privateKey).export({ format: "jwk" }).x };
}

export function agree({ privateKey }, x) {
  const publicKey = createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" });
  return diffieHellman({ privateKey, publicKey });
}

/** K of SPEC §19. */
export function ticketKey(shared, { proof, audience, thumbprint, agentKey, serverKey }) {
  const info = ["io.github.attest/ticket-key/1", audience, thumbprint, agentKey, serverKey].join("\n");
  return hkdf(shared, hash(proof), info, 32);
}

/** What every ticket here holds unless a vector says otherwise. */
export const CONTENT = {
  key: hash("attest test vectors: ticket key"),
  holder: thumbprint(agent.jwk),
  audience: AUDIENCE,
  expiresAt: BigInt(NOW + 300),
};
export const RANDOM = hash("attest test vectors: ticket random").subarray(0, 24);

/** Seals a ticket, with one thing altered. */
export function seal(secret, change = {}) {
  const { random = RANDOM, version = 1, id = keyId(secret), ...content } = change;
  const { key, holder, audience, expiresAt } = { ...CONTENT, ...content };
  const head = Buffer.concat([Buffer.from([version]), id, random]);
  const expiry = Buffer.alloc(8);
  expiry.writeBigUInt64BE(expiresAt);
  const plain = change.plain ?? Buffer.concat([key, Buffer.from(holder, "base64url"), hash(audience), expiry]);
  const sealing = hkdf(secret, random, "io.github.attest/ticket-seal/1", 44);
  const cipher = createCipheriv("aes-256-gcm", sealing.subarray(0, 32), sealing.subarray(32));
  cipher.setAAD(change.associated ?? head);
  return base64url(Buffer.concat([head, cipher.update(plain), cipher.final(), cipher.getAuthTag()]));
}

/** The ten lines. */
export function macLines({ ticket, attestation, audience, iat, jti, request, digest, sessionId, accessToken }) {
  return [
    "io.github.attest/mac/1",
    sha256(ticket),
    sha256(attestation),
    audience,
    String(iat),
    jti,
    request.kind === "http" ? `http ${request.method}` : "mcp",
    digest,
    sessionId === undefined ? "-" : `+${sessionId}`,
    accessToken === undefined ? "-" : `+${sha256(accessToken)}`,
  ];
}

export const digestOf = (request) =>
  request.kind === "http" ? sha256(Buffer.from(request.body ?? "", "base64url")) : sha256(covered(request));

/**
 * A MAC proof, with one thing altered before or after the MAC is made.
 *
 * @param change.key The key of the MAC. @param change.lines Changes what the MAC is over. @param change.fields Changes what is sent beside it.
 * @param change.text Changes the finished text.
 */
export function macProof(attestation, ticket, request = MESSAGE, change = {}) {
  const keep = (value) => value;
  const { key = CONTENT.key, lines = keep, fields = {}, text = keep, ...other } = change;
  const input = {
    ticket,
    attestation,
    audience: AUDIENCE,
    iat: NOW,
    jti: "mac-proof-of-the-vectors",
    request,
    digest: digestOf(request),
    ...other,
  };
  const mac = createHmac("sha256", key)
    .update(lines(macLines(input)).join("\n"))
    .digest();
  const sent = { ticket, iat: input.iat, jti: input.jti, digest: input.digest, mac: base64url(mac), ...fields };
  return text(`mac1~${sent.ticket}~${sent.iat}~${sent.jti}~${sent.digest}~${sent.mac}`);
}
