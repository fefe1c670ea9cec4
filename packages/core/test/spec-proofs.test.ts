import { AttestationVerifier, createProof, KeyPair, messageDigest, type ProofRequest } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import canonicalize from "canonicalize";
import { beforeEach, describe, expect, it } from "vitest";
import { forge, takeApart } from "./spec-forge.ts";

const START = 1_800_000_000;
const request = { kind: "message", method: "tools/call", params: { name: "transfer" } } as const;

let authority: TestAuthority;
let attestation: string;
beforeEach(async () => {
  authority = await createTestAuthority({ clock: () => START });
  attestation = await authority.attest();
});

async function outcomeOf(proof: unknown, extra: object = request, verifier = authority.verifier): Promise<string> {
  const result = await verifier.verify(attestation, { proof, ...extra } as { proof: unknown } & ProofRequest);
  return "code" in result ? result.code : result.outcome;
}

/** The agent's honest proof, altered before it is signed. */
async function altered(header: object, payload: object, honest: ProofRequest = request): Promise<string> {
  const proof = takeApart(await authority.prove(attestation, honest));
  return forge({ ...proof.header, ...header }, { ...proof.payload, ...payload }, authority.agentKey);
}

describe("a proof", () => {
  it.each<[string, object, object, string]>([
    ["another typ (SPEC-3.1)", { typ: "dpop+jwt" }, {}, "ERR_PROOF_TYP"],
    ["the typ of an attestation (SPEC-3.1)", { typ: "agent-attestation+jwt" }, {}, "ERR_PROOF_TYP"],
    ["a key of its own (SPEC-3.1)", { jwk: { kty: "OKP" } }, {}, "ERR_PROOF_HEADER"],
    ["EdDSA (SPEC-3.2)", { alg: "EdDSA" }, {}, "ERR_PROOF_ALG"],
    ["the algorithm of another kind of key (SPEC-3.2)", { alg: "ES256" }, {}, "ERR_PROOF_ALG"],
    ["no aud (SPEC-3.4)", {}, { aud: undefined }, "ERR_PROOF_CLAIMS"],
    ["a list of audiences (SPEC-3.4)", {}, { aud: ["https://server.example/mcp"] }, "ERR_PROOF_CLAIMS"],
    ["no jti (SPEC-3.4)", {}, { jti: undefined }, "ERR_PROOF_CLAIMS"],
    ["a jti of 15 characters (SPEC-3.4)", {}, { jti: "a".repeat(15) }, "ERR_PROOF_CLAIMS"],
    ["a jti of 257 characters (SPEC-3.4)", {}, { jti: "a".repeat(257) }, "ERR_PROOF_CLAIMS"],
    ["an iat that is text (SPEC-3.4)", {}, { iat: String(START) }, "ERR_PROOF_CLAIMS"],
    ["no att_hash (SPEC-3.4)", {}, { att_hash: undefined }, "ERR_PROOF_CLAIMS"],
    ["a hash in hexadecimal (SPEC-3.4)", {}, { att_hash: "a".repeat(64) }, "ERR_PROOF_CLAIMS"],
    ["htm beside mcp_digest (SPEC-3.6)", {}, { htm: "POST" }, "ERR_PROOF_CARRIER"],
    ["body_digest beside mcp_digest (SPEC-3.6)", {}, { body_digest: "a".repeat(43) }, "ERR_PROOF_CARRIER"],
    ["no digest (SPEC-3.6)", {}, { mcp_digest: undefined }, "ERR_PROOF_CARRIER"],
    ["ath in the message (SPEC-3.12)", {}, { ath: "a".repeat(43) }, "ERR_PROOF_ACCESS_TOKEN"],
  ])("is refused with %s", async (_, header, payload, code) => {
    expect(await outcomeOf(await altered(header, payload))).toBe(code);
  });

  it.each<[string, object]>([
    ["mcp_digest beside htm", { mcp_digest: "a".repeat(43) }],
    ["htm alone", { body_digest: undefined }],
    ["body_digest alone", { htm: undefined }],
  ])("for HTTP is refused with %s (SPEC-3.6)", async (_, payload) => {
    const http = { kind: "http", method: "GET" } as const;
    expect(await outcomeOf(await altered({}, payload, http), http)).toBe("ERR_PROOF_CARRIER");
  });

  it("may have a kid, and is bounded (SPEC-3.1)", async () => {
    expect(await outcomeOf(await altered({ kid: "agent-1" }, {}))).toBe("verified");
    expect(await outcomeOf(await altered({}, { pad: "a".repeat(2000) }))).toBe("ERR_PROOF_SIZE");
    for (const wrong of [7, null, "", "a.b", {}]) expect(await outcomeOf(wrong)).toMatch(/^ERR_PROOF_/);
  });

  it("is read as strictly as an attestation (SPEC-3.1)", async () => {
    const proof = await authority.prove(attestation, request);
    for (const spelling of [`${proof}=`, ` ${proof}`, `${proof}.x`]) {
      expect(await outcomeOf(spelling)).toMatch(/^ERR_PROOF_(ENCODING|FORMAT)$/);
    }
    const { header, payload } = takeApart(proof);
    const twice = JSON.stringify(payload).replace("{", '{"jti":"bbbbbbbbbbbbbbbb",');
    const input = [JSON.stringify(header), twice].map((text) => Buffer.from(text).toString("base64url")).join(".");
    const signature = Buffer.from(await authority.agentKey.sign(Buffer.from(input))).toString("base64url");
    expect(await outcomeOf(`${input}.${signature}`)).toBe("ERR_PROOF_DUPLICATE_MEMBER");
  });

  it("is accepted with the algorithms that the verifier lists (SPEC-3.2)", async () => {
    const verifier = new AttestationVerifier({ ...authority.verifierOptions, proofAlgorithms: ["ES256"] });
    expect(await outcomeOf(await authority.prove(attestation, request), request, verifier)).toBe("ERR_PROOF_ALG");
  });

  it("names itself anew each time, with 122 random bits (SPEC-3.5)", async () => {
    const proofs = await Promise.all(Array.from({ length: 100 }, () => authority.prove(attestation, request)));
    const names = new Set(proofs.map((proof) => String(takeApart(proof).payload["jti"])));
    expect(names.size).toBe(100);
    for (const name of names)
      expect(name).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("is for one session and one access token, and for none where there is none (SPEC-3.11, SPEC-3.12)", async () => {
    const http = { kind: "http", method: "GET" } as const;
    const context = { sessionId: "s-1", accessToken: "t-1" };
    for (const made of [{}, { sessionId: "s-1" }, { accessToken: "t-1" }, context]) {
      for (const came of [{}, { sessionId: "s-1" }, { sessionId: "s-2" }, { accessToken: "t-1" }, context]) {
        const same = made.sessionId === came.sessionId && made.accessToken === came.accessToken;
        const outcome = await outcomeOf(await authority.prove(attestation, http, made), { ...http, ...came });
        expect(outcome === "verified").toBe(same);
      }
    }
  });

  it("is for one of the verifier's names that the attestation allows (SPEC-6.13)", async () => {
    const audience = ["https://server.example/mcp", "https://alias.example/mcp"] as const;
    const verifier = new AttestationVerifier({ ...authority.verifierOptions, audience });
    const proveFor = (name: string, signer = authority.agentKey) =>
      createProof({ attestation, signer, audience: name, request, clock: () => START });
    for (const name of audience) expect(await outcomeOf(await proveFor(name), request, verifier)).toBe("verified");
    expect(await outcomeOf(await proveFor(`${audience[0]}/`), request, verifier)).toBe("ERR_PROOF_AUDIENCE");
    attestation = await authority.attest({ audience: audience[0] });
    expect(await outcomeOf(await proveFor(audience[0]), request, verifier)).toBe("verified");
    expect(await outcomeOf(await proveFor(audience[1]), request, verifier)).toBe("ERR_PROOF_AUDIENCE");
  });

  it("of another key than the attestation's is refused (SPEC-3.3)", async () => {
    const signer = await KeyPair.generate();
    const { audience } = authority;
    const stranger = await createProof({ attestation, signer, audience, request, clock: () => START });
    expect(await outcomeOf(stranger)).toBe("ERR_PROOF_SIGNATURE");
  });
});

describe("an agent", () => {
  const prove = (options: Partial<Parameters<typeof createProof>[0]>) =>
    createProof({ attestation, signer: authority.agentKey, audience: authority.audience, request, ...options });

  it.each<[string, Partial<Parameters<typeof createProof>[0]>, RegExp]>([
    ["longer than 2048 characters", { audience: `https://${"a".repeat(1900)}` }, /2048/],
    ["for a session id that no verifier takes", { sessionId: "a b" }, /^sessionId /],
    ["for an empty session id", { sessionId: "" }, /^sessionId /],
    ["for a method that no verifier takes", { request: { kind: "http", method: "PO ST" } }, /^request\.method /],
  ])("makes no proof that is %s (SPEC-3.1, SPEC-3.4)", async (_, options, message) => {
    await expect(prove(options)).rejects.toMatchObject({
      code: "ERR_OPTION",
      message: expect.stringMatching(message),
    });
  });

  it("makes no proof by a clock that tells no time (T19)", async () => {
    for (const clock of [() => Number.NaN, () => Number.POSITIVE_INFINITY]) {
      await expect(prove({ clock })).rejects.toMatchObject({ code: "ERR_CLOCK" });
    }
  });

  it("may send members in any order; in that of RFC 8785 they need not be sorted (SPEC-3.14)", async () => {
    const params = { name: "transfer", arguments: { to: "savings", amount: 25, note: { b: 1, a: 2 } } };
    const reversed = (value: unknown): unknown =>
      typeof value === "object" && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .reverse()
              .map(([name, member]) => [name, reversed(member)]),
          )
        : value;
    const sent = { kind: "message", method: "tools/call", params } as const;
    const orders = [params, reversed(params), JSON.parse(canonicalize(params) ?? "")];
    expect(new Set(orders.map((order) => JSON.stringify(order))).size).toBe(3);
    for (const order of orders) {
      expect(await outcomeOf(await authority.prove(attestation, sent), { ...sent, params: order })).toBe("verified");
    }
  });
});

describe("the digest of a message", () => {
  const nested = (levels: number): object => (levels === 0 ? {} : { a: nested(levels - 1) });
  const digestOf = (params: unknown) => messageDigest({ kind: "message", method: "m", params });

  it("counts 64 levels with the object that is digested (SPEC-3.9)", async () => {
    // The object itself and `params` are two of them.
    expect(await digestOf(nested(62))).toBeTypeOf("string");
    expect(await digestOf(nested(63))).toBeUndefined();
  });

  it("is of a response's id and result, and keeps numbers and texts apart (SPEC-3.7)", async () => {
    const of = (id: string | number, result: unknown) => messageDigest({ kind: "response", id, result });
    expect(await of(1, { a: 1 })).toBe(await of(1, { a: 1.0 }));
    expect(await of(1, { a: 1 })).not.toBe(await of("1", { a: 1 }));
    expect(await of(1, { a: 1 })).not.toBe(await of(1, { a: "1" }));
    expect(await of(1, [])).toBeUndefined();
  });
});
