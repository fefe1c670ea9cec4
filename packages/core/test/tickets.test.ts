import { createHash, createHmac } from "node:crypto";
import {
  AttestationVerifier,
  createMacProof,
  createProof,
  KeyPair,
  messageDigest,
  type ProofRequest,
  readTicketField,
  readTicketGrant,
  type Ticket,
  TicketAsk,
  type TicketGrant,
  type VerificationRequest,
  type VerifierOptions,
  writeTicketField,
} from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { forge } from "./spec-forge.ts";

const START = 1_800_000_000;
const http = { kind: "http", method: "POST", body: new TextEncoder().encode('{"jsonrpc":"2.0"}') } as const;
const message = {
  kind: "message",
  method: "tools/call",
  params: { name: "transfer", arguments: { amount: 1 } },
} as const;

let now = START;
let authority: TestAuthority;
let verifier: AttestationVerifier;
let attestation: string;
beforeEach(async () => {
  now = START;
  authority = await createTestAuthority({ clock: () => now });
  verifier = authority.verifier;
  attestation = await authority.attest();
});

/** A signed request that asks for a ticket, and what became of it. */
async function ask(by = verifier, request: ProofRequest = http, token = attestation, signer = authority.agentKey) {
  const { audience, clock } = authority;
  const asked = await TicketAsk.begin();
  const proof = await createProof({ attestation: token, signer, audience, request, clock, ticketKey: asked.epk });
  const result = await by.verify(token, { ...request, proof } as VerificationRequest);
  if (!result.verified) throw new Error(`refused: ${"code" in result && result.code}`);
  const grant = await by.grantTicket(result);
  return { asked, proof, result, grant, with: { proof, audience, thumbprint: signer.kid } };
}

async function ticketed(by = verifier): Promise<Ticket> {
  const { asked, grant, with: askedWith } = await ask(by);
  const ticket = await asked.complete(grant, askedWith);
  if (!ticket) throw new Error("no ticket");
  return ticket;
}

const mac = (ticket: Ticket, request: ProofRequest = http, extra: object = {}) =>
  createMacProof({ attestation, ticket, audience: authority.audience, request, clock: authority.clock, ...extra });

async function outcome(proof: unknown, request: object = http, by = verifier, token = attestation): Promise<string> {
  const result = await by.verify(token, { ...request, proof } as VerificationRequest);
  return "code" in result ? result.code : result.outcome;
}

const verifierWith = (options: Partial<VerifierOptions>) =>
  new AttestationVerifier({ ...authority.verifierOptions, ...options });

describe("a MAC proof", () => {
  it.each<[string, ProofRequest]>([
    ["an HTTP request", http],
    ["an HTTP request without a body", { kind: "http", method: "GET" }],
    ["a message", message],
    ["a response", { kind: "response", id: 1, result: { action: "accept" } }],
  ])("is verified for %s, once, and says so (SPEC-19.12, SPEC-19.20)", async (_, request) => {
    const proof = await mac(await ticketed(), request);
    const result = await verifier.verify(attestation, { ...request, proof } as VerificationRequest);
    expect(result).toMatchObject({ outcome: "verified", proof: "mac", keyThumbprint: authority.agentKey.kid });
    expect(await outcome(proof, request)).toBe("ERR_REPLAY");
  });

  it("serves for any number of messages, also where the attestation is not cached any more", async () => {
    const ticket = await ticketed();
    for (let i = 0; i < 3; i++) expect(await outcome(await mac(ticket))).toBe("verified");
    const { replayCache } = verifier.configuration;
    const other = new AttestationVerifier({ ...authority.verifierOptions, replayCache, tickets: {} });
    expect(await outcome(await mac(ticket), http, other)).toBe("ERR_TICKET_UNKNOWN");
  });

  it("covers session and access token (SPEC-19.13)", async () => {
    const ticket = await ticketed();
    const context = { sessionId: "session-1", accessToken: "token-1" };
    const proof = await mac(ticket, http, context);
    for (const other of [
      {},
      { ...context, sessionId: "session-2" },
      { ...context, accessToken: "token-2" },
      { sessionId: "session-1" },
      { accessToken: "token-1" },
    ]) {
      expect(await outcome(proof, { ...http, ...other })).toBe("ERR_TICKET_MAC");
    }
    expect(await outcome(proof, { ...http, ...context })).toBe("verified");
  });

  it("is for one attestation of one key (SPEC-19.13, SPEC-19.15, C1, C4)", async () => {
    const ticket = await ticketed();
    const proof = await mac(ticket);
    const renewed = await authority.attest();
    expect(await outcome(proof, http, verifier, renewed)).toBe("ERR_TICKET_MAC");
    const otherKey = await KeyPair.generate();
    const other = await authority.attest({ confirmationKey: otherKey.toJwk() });
    expect(await outcome(proof, http, verifier, other)).toBe("ERR_TICKET_HOLDER");
    // The ticket itself serves the key's next attestation too.
    const next = await createMacProof({
      attestation: renewed,
      ticket,
      audience: authority.audience,
      request: http,
      clock: authority.clock,
    });
    expect(await outcome(next, http, verifier, renewed)).toBe("verified");
  });

  it("is for one carrier and one method (SPEC-19.13)", async () => {
    const ticket = await ticketed();
    expect(await outcome(await mac(ticket), message)).toBe("ERR_TICKET_MAC");
    expect(await outcome(await mac(ticket, message), http)).toBe("ERR_TICKET_MAC");
    expect(await outcome(await mac(ticket), { ...http, method: "GET" })).toBe("ERR_TICKET_MAC");
  });

  it("has its MAC verified before anything is digested (SPEC-19.16, C5)", async () => {
    const ticket = await ticketed();
    const digested = vi.fn();
    const ownKeys = (target: object) => {
      digested();
      return Reflect.ownKeys(target);
    };
    const params = new Proxy({}, { ownKeys });
    const trap = { kind: "message", method: "tools/call", params } as const;
    const forged = `${(await mac(ticket, message)).slice(0, -43)}${"A".repeat(43)}`;
    expect(await outcome(forged, trap)).toBe("ERR_TICKET_MAC");
    expect(digested).not.toHaveBeenCalled();
    expect(await outcome(await mac(ticket, message), trap)).toBe("ERR_PROOF_DIGEST");
    expect(digested).toHaveBeenCalled();
  });

  it("is for one body (SPEC-19.13)", async () => {
    const proof = await mac(await ticketed());
    const body = new TextEncoder().encode('{"jsonrpc":"2.1"}');
    expect(await outcome(proof, { ...http, body })).toBe("ERR_PROOF_DIGEST");
  });

  it("is accepted within the window of a proof, and no longer (SPEC-19.17)", async () => {
    const ticket = await ticketed();
    const proof = await mac(ticket);
    now = START + 91;
    expect(await outcome(proof)).toBe("ERR_PROOF_TIME");
    now = START + 90;
    expect(await outcome(proof)).toBe("verified");
    now = START - 31;
    expect(await outcome(await mac(ticket, http, { clock: () => START }))).toBe("ERR_PROOF_TIME");
  });

  it("is refused from when its ticket expires (SPEC-19.14)", async () => {
    verifier = verifierWith({ tickets: { lifetime: 30 } });
    const ticket = await ticketed();
    expect(ticket.expiresIn).toBe(30);
    now = START + 29;
    expect(await outcome(await mac(ticket))).toBe("verified");
    now = START + 30;
    expect(await outcome(await mac(ticket))).toBe("ERR_TICKET_EXPIRED");
  });

  it("is asked everything that is asked again of a cached attestation (SPEC-19.19, C6)", async () => {
    const revoked = new Set<string>();
    verifier = verifierWith({ isRevoked: ({ jti = "" }) => revoked.has(jti) });
    const ticket = await ticketed();
    expect(await outcome(await mac(ticket))).toBe("verified");
    const { jti } = JSON.parse(Buffer.from(attestation.split(".")[1] ?? "", "base64url").toString());
    revoked.add(jti);
    expect(await outcome(await mac(ticket))).toBe("ERR_REVOKED");
    revoked.clear();
    await authority.keyResolver.removeKey(authority.issuer, authority.authorityKey.kid);
    expect(await outcome(await mac(ticket))).toBe("ERR_KEY_NOT_FOUND");
  });

  it("is refused where a signature is demanded, before it is used up (SPEC-19.24)", async () => {
    const proof = await mac(await ticketed());
    expect(await outcome(proof, { ...http, signature: true })).toBe("ERR_SIGNATURE_REQUIRED");
    expect(await outcome(proof)).toBe("verified");
    const signed = await authority.prove(attestation, http);
    expect(await outcome(signed, { ...http, signature: true })).toBe("verified");
  });

  it("is refused by a verifier without tickets, whatever it says (SPEC-19.18)", async () => {
    const proof = await mac(await ticketed());
    expect(await outcome(proof, http, verifierWith({ tickets: false }))).toBe("ERR_TICKETS_OFF");
  });

  it("needs an attestation that is for the ticket's audience (SPEC-19.15)", async () => {
    const other = "https://other.example/mcp";
    verifier = verifierWith({ audience: [authority.audience, other], allowMultipleAudiences: true });
    const ticket = await ticketed();
    attestation = await authority.attest({ audience: other });
    expect(await outcome(await mac(ticket))).toBe("ERR_TICKET_AUDIENCE");
    attestation = await authority.attest();
    expect(await outcome(await mac(ticket), { ...http, audience: other })).toBe("ERR_TICKET_AUDIENCE");
    expect(await outcome(await mac(ticket), { ...http, audience: authority.audience })).toBe("verified");
  });

  it.each<[string, (proof: string) => unknown, string]>([
    ["a sixth field", (proof) => `${proof}~`, "ERR_PROOF_FORMAT"],
    ["four fields", (proof) => proof.split("~").slice(0, -1).join("~"), "ERR_PROOF_FORMAT"],
    ["a leading zero", (proof) => proof.replace(`~${START}`, `~0${START}`), "ERR_PROOF_FORMAT"],
    ["a time with a sign", (proof) => proof.replace(`~${START}`, `~+${START}`), "ERR_PROOF_FORMAT"],
    ["a time beyond 2^53", (proof) => proof.replace(`~${START}`, "~9007199254740993"), "ERR_PROOF_FORMAT"],
    ["a line feed at its end", (proof) => `${proof}\n`, "ERR_PROOF_FORMAT"],
    ["padding", (proof) => `${proof}=`, "ERR_PROOF_FORMAT"],
    ["more than 1024 characters", (proof) => `${proof}${"A".repeat(1024)}`, "ERR_PROOF_SIZE"],
    ["another number of its form", (proof) => proof.replace("mac1~", "mac2~"), "ERR_PROOF_FORMAT"],
    ["nothing after its form", () => "mac1~", "ERR_PROOF_FORMAT"],
    ["a ticket of 63 characters", (proof) => proof.replace(/~[^~]{204}~/, `~${"A".repeat(63)}~`), "ERR_PROOF_FORMAT"],
    ["a ticket of 203 characters", (proof) => proof.replace(/~(.)/, "~"), "ERR_TICKET_UNKNOWN"],
    ["a ticket of another version", (proof) => proof.replace(/~A/, "~B"), "ERR_TICKET_UNKNOWN"],
  ])("is refused with %s (SPEC-19.12)", async (_, change, code) => {
    expect(await outcome(change(await mac(await ticketed())))).toBe(code);
  });

  it("is refused for a request that its lines could not hold (SPEC-19.13)", async () => {
    const proof = await mac(await ticketed());
    expect(await outcome(proof, { ...http, sessionId: "" })).toBe("ERR_PROOF_SESSION");
    expect(await outcome(proof, { ...http, sessionId: "a\n-" })).toBe("ERR_PROOF_SESSION");
    expect(await outcome(proof, { ...http, sessionId: "a".repeat(2049) })).toBe("ERR_PROOF_SESSION");
    expect(await outcome(proof, { ...http, method: "PO ST" })).toBe("ERR_PROOF_METHOD");
    expect(await outcome(proof, {})).toBe("ERR_PROOF_REQUEST");
  });

  it("is never read as a JWS, nor a JWS as a MAC proof: no symmetric algorithm gets there (SPEC-19.11, C8, T2)", async () => {
    const ticket = await ticketed();
    const proof = await mac(ticket);
    const encode = (text: string) => Buffer.from(text).toString("base64url");
    const claims = JSON.parse(
      Buffer.from((await authority.prove(attestation, http)).split(".")[1] ?? "", "base64url").toString(),
    );
    for (const alg of ["HS256", "none", "mac1"]) {
      const input = `${encode(JSON.stringify({ alg, typ: "agent-attestation-pop+jwt" }))}.${encode(JSON.stringify(claims))}`;
      const forged = `${input}.${await ticket.key.mac(input)}`;
      expect(await outcome(forged)).toMatch(/^ERR_PROOF_/);
      expect(await outcome(`mac1~${forged}`)).toBe("ERR_PROOF_FORMAT");
    }
    expect(await outcome(proof.slice("mac1~".length))).toBe("ERR_PROOF_FORMAT");
    expect(await outcome(` ${proof}`)).toBe("ERR_PROOF_FORMAT");
    expect(await outcome(proof.toUpperCase())).toBe("ERR_PROOF_FORMAT");
  });

  it("is not taken next to a bearer attestation (SPEC-6.12)", async () => {
    const bearer = verifierWith({ allowBearer: true });
    const token = await authority.attestBearer();
    expect(await outcome(await mac(await ticketed()), message, bearer, token)).toBe("ERR_PROOF_UNEXPECTED");
  });
});

describe("a grant", () => {
  it("comes once for each verification that asked, and only after it (SPEC-19.3)", async () => {
    const { grant, result } = await ask();
    expect(readTicketGrant(grant)).toEqual(grant);
    expect(grant?.ticket).toMatch(/^[A-Za-z0-9_-]{204}$/);
    expect(await verifier.grantTicket(result)).toBeUndefined();
    const plain = await verifier.verify(attestation, { ...http, proof: await authority.prove(attestation, http) });
    expect(plain.verified && (await verifier.grantTicket(plain))).toBeUndefined();
  });

  it("answers a proof that names its key, which is a key (SPEC-19.1)", async () => {
    const { asked, proof } = await ask();
    const claims = JSON.parse(Buffer.from(proof.split(".")[1] ?? "", "base64url").toString());
    expect(claims.ticket_epk).toBe(asked.epk);
    for (const ticketKey of ["x", Buffer.alloc(32, 0xff).toString("base64url")]) {
      const signer = authority.agentKey;
      const options = { attestation, signer, audience: authority.audience, request: http, ticketKey };
      await expect(createProof(options)).rejects.toMatchObject({ code: "ERR_OPTION" });
    }
  });

  it("is for the key, the audience and the proof alone, and new each time (SPEC-19.6)", async () => {
    const [first, second] = [await ask(), await ask()];
    expect(first.grant?.ticket).not.toBe(second.grant?.ticket);
    expect(first.grant?.epk).not.toBe(second.grant?.epk);
    for (const change of [
      { proof: second.proof },
      { audience: "https://other.example/mcp" },
      { thumbprint: (await KeyPair.generate()).kid },
    ]) {
      const { asked, grant, with: askedWith } = await ask(verifierWith({}));
      const ticket = await asked.complete(grant, { ...askedWith, ...change });
      expect(await outcome(await mac(ticket as Ticket))).toMatch(/^ERR_TICKET_/);
    }
  });

  it.each<[string, unknown]>([
    ["text that is no key", "not a key"],
    ["a number", 1],
    ["null", null],
    ["31 bytes", "A".repeat(42)],
    ["the highest bit set", Buffer.alloc(32, 0xff).toString("base64url")],
    ["a spelling that is not canonical", `${Buffer.alloc(32, 9).toString("base64url").slice(0, -1)}l`],
    ["the point zero", Buffer.alloc(32).toString("base64url")],
    ["the point one", Buffer.from([1, ...Buffer.alloc(31)]).toString("base64url")],
    [
      "a point of order eight",
      Buffer.from("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800", "hex").toString("base64url"),
    ],
  ])(
    "is not made for `ticket_epk` with %s, and the message is verified all the same (SPEC-19.4, C3)",
    async (_, ticket_epk) => {
      const honest = await authority.prove(attestation, http);
      const [header, payload] = honest.split(".").map((text) => Buffer.from(text, "base64url").toString());
      const claims = { ...JSON.parse(payload ?? ""), ticket_epk };
      const encode = (text: string) => Buffer.from(text).toString("base64url");
      const input = `${encode(header ?? "")}.${encode(JSON.stringify(claims))}`;
      const signature = Buffer.from(await authority.agentKey.sign(Buffer.from(input))).toString("base64url");
      const result = await verifier.verify(attestation, { ...http, proof: `${input}.${signature}` });
      expect(result.verified).toBe(true);
      expect(result.verified && (await verifier.grantTicket(result))).toBeUndefined();
    },
  );

  it("is made four times in any second for one key, and not more (SPEC-19.5)", async () => {
    let at = 10_000;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => at);
    try {
      const granted = async () => (await ask()).grant !== undefined;
      for (let i = 0; i < 4; i++) expect(await granted()).toBe(true);
      expect(await granted()).toBe(false);
      const other = await KeyPair.generate();
      const token = await authority.attest({ confirmationKey: other.toJwk() });
      expect((await ask(verifier, http, token, other)).grant).toBeDefined();
      at += 999;
      expect(await granted()).toBe(false);
      at += 1;
      expect(await granted()).toBe(true);
    } finally {
      clock.mockRestore();
    }
  });

  it("is for the verifier's names and nobody else's: nothing is granted by a verifier without tickets (SPEC-19.18)", async () => {
    expect((await ask(verifierWith({ tickets: false }))).grant).toBeUndefined();
  });

  it("is taken once, and not after its ask has ended (SPEC-19.2)", async () => {
    const first = await ask();
    expect(await first.asked.complete(first.grant, first.with)).toBeDefined();
    expect(await first.asked.complete(first.grant, first.with)).toBeUndefined();
    const second = await ask();
    second.asked.end();
    expect(await second.asked.complete(second.grant, second.with)).toBeUndefined();
  });

  it.each<[string, (grant: TicketGrant) => unknown]>([
    ["nothing", () => undefined],
    ["another member", (grant) => ({ ...grant, more: 1 })],
    ["a ticket that is too short", (grant) => ({ ...grant, ticket: "A".repeat(63) })],
    ["a ticket of other characters", (grant) => ({ ...grant, ticket: `${grant.ticket}.` })],
    ["a lifetime of a day", (grant) => ({ ...grant, expires_in: 86_400 })],
    ["a lifetime in text", (grant) => ({ ...grant, expires_in: "300" })],
    ["a small-order key", (grant) => ({ ...grant, epk: Buffer.alloc(32).toString("base64url") })],
    ["a key with the highest bit set", (grant) => ({ ...grant, epk: Buffer.alloc(32, 0xff).toString("base64url") })],
  ])("is none with %s (SPEC-19.8, C3)", async (_, change) => {
    const { asked, grant, with: askedWith } = await ask();
    expect(await asked.complete(change(grant as TicketGrant), askedWith)).toBeUndefined();
  });

  it("travels in a field whose members may be in any order (SPEC-19.8)", async () => {
    const { grant } = await ask();
    const { ticket, epk } = grant as TicketGrant;
    expect(readTicketField(writeTicketField(grant as TicketGrant))).toEqual(grant);
    expect(readTicketField(` expires_in=300,\tepk="${epk}" , ticket="${ticket}" `)).toEqual(grant);
    for (const field of [
      null,
      "",
      `ticket="${ticket}", epk="${epk}"`,
      `ticket="${ticket}", epk="${epk}", expires_in="300"`,
      `ticket="${ticket}", epk="${epk}", expires_in=300.0`,
      `ticket="${ticket}", epk="${epk}", expires_in=300;a`,
      `ticket="${ticket}", epk="${epk}", expires_in=300, more=1`,
      `ticket="${ticket}", epk="${epk}", expires_in=300, expires_in=300`,
      `ticket=${ticket}, epk="${epk}", expires_in=300`,
      `ticket="${ticket}", epk="${epk}", expires_in=300,`,
      `__proto__=1, ticket="${ticket}", epk="${epk}", expires_in=300`,
    ]) {
      expect(readTicketField(field)).toBeUndefined();
    }
  });
});

describe("a ring", () => {
  const secret = (fill: number) => new Uint8Array(32).fill(fill);
  const shared = () => ({ scope: "shared" as const, consume: () => true });
  const ringed = (ring: Uint8Array[], options: Partial<VerifierOptions> = {}) =>
    verifierWith({ instances: "multiple", replayCache: shared(), tickets: { ring }, ...options });

  it("lets each instance open what the others granted, during a rotation too (SPEC-19.26, C7)", async () => {
    const [old, both, next] = [ringed([secret(1)]), ringed([secret(2), secret(1)]), ringed([secret(2)])];
    const [before, during] = [await ticketed(old), await ticketed(both)];
    expect(await outcome(await mac(before), http, both)).toBe("verified");
    expect(await outcome(await mac(before), http, next)).toBe("ERR_TICKET_UNKNOWN");
    expect(await outcome(await mac(during), http, next)).toBe("verified");
    expect(await outcome(await mac(during), http, old)).toBe("ERR_TICKET_UNKNOWN");
  });

  it("lets its thief make MAC proofs for what he has seen, and ends that when it is rotated out (C2)", async () => {
    const { nameRingSecret, sealTicket } = await import("../src/tickets/sealed-ticket.ts");
    const key = new Uint8Array(32).fill(9);
    const hash = (text: string) => createHash("sha256").update(text).digest();
    const holder = Buffer.from(authority.agentKey.kid, "base64url");
    const content = { key, holder, audience: hash(authority.audience), expiresAt: START + 3600 };
    const text = await sealTicket(await nameRingSecret(secret(1)), new Uint8Array(24), content);
    const head = `io.github.attest/mac/1\n${hash(text).toString("base64url")}`;
    const hmac = (input: string) => createHmac("sha256", key).update(input).digest("base64url");
    const stolen: Ticket = { text, head, key: { mac: hmac }, expiresIn: 3600 };
    expect(await outcome(await mac(stolen), http, ringed([secret(1)]))).toBe("verified");
    expect(await outcome(await mac(stolen), http, ringed([secret(2)]))).toBe("ERR_TICKET_UNKNOWN");
    // No attestation comes of it: of a key that no authority attested, there is none to send next to it.
    const own = await KeyPair.generate();
    const forged = await forge({ alg: "Ed25519", kid: "ring", typ: "agent-attestation+jwt" }, {}, own);
    expect(await outcome(await mac(stolen), http, ringed([secret(1)]), forged)).toMatch(/^ERR_(ISSUER|ATTESTATION)_/);
  });

  it("does not let a server take the tickets of another with the same ring (SPEC-19.15)", async () => {
    const other = ringed([secret(1)], { audience: "https://other.example/mcp" });
    const ticket = await ticketed(ringed([secret(1)]));
    expect(await outcome(await mac(ticket), http, other)).toBe("ERR_TICKET_AUDIENCE");
  });

  it("is needed by several instances, and a shared replay store by it (SPEC-19.27)", async () => {
    const multiple = verifierWith({ instances: "multiple", replayCache: shared() });
    expect((await ask(multiple)).grant).toBeUndefined();
    expect(await outcome(await mac(await ticketed()), http, multiple)).toBe("ERR_TICKETS_OFF");
    expect(() => verifierWith({ tickets: { ring: [secret(1)] } })).toThrow(/tickets\.ring needs a replay cache/);
  });

  it.each<[string, unknown]>([
    ["a ring of nothing", { ring: [] }],
    ["nine secrets", { ring: Array.from({ length: 9 }, (_, i) => secret(i)) }],
    ["a secret of 31 bytes", { ring: [new Uint8Array(31)] }],
    ["a text for a secret", { ring: ["a".repeat(43)] }],
    ["one secret twice", { ring: [secret(1), secret(1)] }],
    ["29 seconds", { lifetime: 29 }],
    ["3601 seconds", { lifetime: 3601 }],
    ["another option", { rings: [] }],
    ["true", true],
  ])("is refused at start as %s (SPEC-19.27)", (_, tickets) => {
    const options = { replayCache: shared(), tickets } as unknown as Partial<VerifierOptions>;
    expect(() => verifierWith(options)).toThrow(expect.objectContaining({ code: "ERR_OPTION" }));
  });
});

describe("a memory of opened tickets", () => {
  it("is bounded, and takes none under which no MAC has held (SPEC-19.21)", async () => {
    const { Tickets } = await import("../src/tickets/tickets.ts");
    const tickets = new Tickets(300, [new Uint8Array(32)], [authority.audience]);
    const opened = { head: "", holder: "", audience: undefined, expiresAt: 0, key: { mac: () => "" } };
    const name = (i: number) => `ticket-${i}`;
    for (let i = 0; i <= 10_000; i++) tickets.remember(name(i), opened);
    expect(await tickets.open(name(0))).toBeUndefined();
    expect(await tickets.open(name(1))).toBe(opened);
    expect(await tickets.open(name(10_000))).toBe(opened);
    const { tickets: own } = verifier.configuration;
    const remember = vi.spyOn(own as object as { remember: () => void }, "remember");
    const proof = await mac(await ticketed());
    await outcome(`${proof.slice(0, -43)}${"A".repeat(43)}`);
    expect(remember).not.toHaveBeenCalled();
    await outcome(proof);
    expect(remember).toHaveBeenCalledOnce();
  });

  it("compares MACs to their end (SPEC-19.16)", async () => {
    const { sameText } = await import("../src/tickets/same-text.ts");
    expect([sameText("ab", "ab"), sameText("ab", "ac"), sameText("ab", "bb")]).toEqual([true, false, false]);
    expect([sameText("ab", "abc"), sameText("abc", "ab"), sameText("", "a")]).toEqual([false, false, false]);
  });
});

describe("an agent", () => {
  it("covers the message's digest as a signed proof does (SPEC-19.12)", async () => {
    const proof = await mac(await ticketed(), message);
    expect(proof.split("~")[4]).toBe(await messageDigest(message));
    expect(proof.split("~")[3]).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("has a key for MAC proofs and nothing else (SPEC-19.28)", async () => {
    const { grant, with: askedWith, asked } = await ask();
    const ticket = await asked.complete(grant, askedWith);
    // The one thing that can be done with it, under a first line that nothing else begins with.
    expect(Object.keys(ticket as Ticket).sort()).toEqual(["expiresIn", "head", "key", "text"]);
    expect(ticket?.head).toMatch(/^io\.github\.attest\/mac\/1\n/);
  });

  it("shows no key: not in JSON, nor where it is inspected (SPEC-8.10)", async () => {
    const ticket = await ticketed();
    expect(Object.keys(ticket.key)).toEqual(["mac"]);
    expect(JSON.stringify(ticket)).toBe(JSON.stringify({ ...ticket, key: {} }));
  });
});
