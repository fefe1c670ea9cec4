import { createPrivateKey, createPublicKey, diffieHellman } from "node:crypto";
import { decodeBase64url, digest, readTicketField } from "@attest/core";
import { afterAll, describe, expect, it, vi } from "vitest";
import * as node from "../src/crypto/node.ts";
import type { Agreement } from "../src/crypto/platform.ts";
import * as web from "../src/crypto/web.ts";
import { type GrantVector, grantVectors } from "./vectors/vector.ts";

type Of<Kind extends GrantVector["kind"]> = Extract<GrantVector, { kind: Kind }>;
const of = <Kind extends GrantVector["kind"]>(kind: Kind) =>
  grantVectors().filter((vector): vector is Of<Kind> => vector.kind === kind);
const titled = <V extends GrantVector>(vectors: V[]) =>
  vectors.map((vector): [string, V] => [`${vector.title} (${vector.requirements.join(", ")})`, vector]);
const bytes = (text: string) => decodeBase64url(text) as Uint8Array;

const inHex = (content: object = {}) =>
  Object.entries(content).map(([name, value]) => [
    name,
    typeof value === "number" ? value : Buffer.from(value).toString("hex"),
  ]);

/** An agreement by a private key of the vectors. */
function agreementBy(seed: string, x: string): Agreement {
  const der = Buffer.concat([Buffer.from("302e020100300506032b656e04220420", "hex"), bytes(seed)]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const agree = (peer: Uint8Array) => {
    const jwk = { kty: "OKP", crv: "X25519", x: Buffer.from(peer).toString("base64url") };
    return diffieHellman({ privateKey, publicKey: createPublicKey({ key: jwk, format: "jwk" }) });
  };
  return { publicKey: bytes(x), agree };
}

// Every vector on both kinds of crypto: what one seals or agrees, the other must open or derive.
describe.each<[string, typeof node | typeof web]>([
  ["Node's crypto", node],
  ["WebCrypto", web],
])("tickets, on %s", async (_, platform) => {
  vi.resetModules();
  vi.doMock("#crypto", () => platform);
  const { ticketKey } = await import("../src/tickets/ticket-key.ts");
  const { nameRingSecret, openTicket, sealTicket } = await import("../src/tickets/sealed-ticket.ts");
  const { macHead, macInput } = await import("../src/tickets/mac-input.ts");
  afterAll(() => vi.doUnmock("#crypto"));

  it.each(titled(of("key")))("%s", async (_, vector) => {
    const agreement = { ...vector };
    const agent = agreementBy(vector.agentPrivateKey, vector.agentKey);
    const server = agreementBy(vector.serverPrivateKey, vector.serverKey);
    const key = bytes(vector.key);
    expect(Buffer.from((await ticketKey(agent, vector.serverKey, agreement)) ?? []).equals(key)).toBe(true);
    expect(Buffer.from((await ticketKey(server, vector.agentKey, agreement)) ?? []).equals(key)).toBe(true);
  });

  it.each(titled(of("refused-key")))("%s", async (_, { peer }) => {
    const own = await platform.createAgreement();
    const [{ proof, audience, thumbprint, agentKey }] = of("key") as [Of<"key">];
    const agreement = { proof, audience, thumbprint, agentKey, serverKey: peer };
    expect(await ticketKey(own, peer, agreement)).toBeUndefined();
    // Whatever the platform says: a secret of zeros is none.
    const careless = { ...own, agree: () => new Uint8Array(32) };
    expect(await ticketKey(careless, agentKey, agreement)).toBeUndefined();
  });

  it.each(titled(of("sealed")))("%s (SPEC-19.7)", async (_, vector) => {
    const secret = await nameRingSecret(bytes(vector.secret));
    expect(secret.id).toBe(vector.keyId);
    const content = {
      key: bytes(vector.key),
      holder: bytes(vector.holder),
      audience: bytes(await digest(vector.audience)),
      expiresAt: vector.expiresAt,
    };
    expect(await sealTicket(secret, bytes(vector.random), content)).toBe(vector.ticket);
    const opened = await openTicket([secret], vector.ticket);
    expect(inHex(opened)).toEqual(inHex(content));
  });

  it.each(titled(of("lines")))("%s", async (_, { request, ticket, attestation, accessToken, text, ...rest }) => {
    const ath = accessToken === undefined ? undefined : await digest(accessToken);
    const input = { ...rest, request, attHash: await digest(attestation), sessionId: rest.sessionId, ath };
    expect(macInput(await macHead(ticket), input)).toBe(text);
  });

  it("agrees with itself and with the other kind, and makes the same MACs", async () => {
    const [own, other] = await Promise.all([platform.createAgreement(), node.createAgreement()]);
    expect(own.publicKey).toHaveLength(32);
    const [one, two] = await Promise.all([own.agree(other.publicKey), other.agree(own.publicKey)]);
    expect(Buffer.from(one ?? []).equals(Buffer.from(two ?? []))).toBe(true);
    const key = await platform.importMacKey(one as Uint8Array);
    for (const text of ["", "a", "a".repeat(10_000)]) {
      expect(await key.mac(text)).toBe(await (await node.importMacKey(two as Uint8Array)).mac(text));
    }
  });
});

describe("a field", () => {
  it.each(titled(of("field")))("%s (SPEC-19.8)", (_, { field, grant }) => {
    expect(readTicketField(field) ?? null).toEqual(grant);
  });
});
