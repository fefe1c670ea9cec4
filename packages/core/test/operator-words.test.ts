import { type AttestationEvent, AttestationVerifier, type VerificationEvent, type VerifierOptions } from "@attest/core";
import { createTestAuthority } from "@attest/core/testing";
import { describe, expect, it } from "vitest";

const NOW = 1_800_000_000;
const request = { kind: "message", method: "tools/call" } as const;

/** A verifier whose refusals are for its operator to read, and attestations with other claims, truly signed. */
async function setUp(options: Partial<VerifierOptions> = {}) {
  const authority = await createTestAuthority({ clock: () => NOW });
  const events: VerificationEvent[] = [];
  const observer = { onEvent: (event: AttestationEvent) => events.push(event as VerificationEvent) };
  const verifier = new AttestationVerifier({ ...authority.verifierOptions, observer, ...options });
  const resigned = async (token: string, header: object, claims: object, key = authority.authorityKey) => {
    const part = (index: number) => JSON.parse(Buffer.from(token.split(".")[index] ?? "", "base64url").toString());
    const segments = [
      { ...part(0), ...header },
      { ...part(1), ...claims },
    ].map((value) => Buffer.from(JSON.stringify(value)).toString("base64url"));
    const signature = await key.sign(Buffer.from(segments.join(".")));
    return [...segments, Buffer.from(signature).toString("base64url")].join(".");
  };
  const attestation = async (claims: object, header: object = {}) => resigned(await authority.attest(), header, claims);
  const present = async (token: string, claims: object = {}) => {
    const proof = await resigned(await authority.prove(token, request), {}, claims, authority.agentKey);
    const result = await verifier.verify(token, { proof, ...request });
    return { result, message: "message" in result ? result.message : "", facts: events.at(-1)?.facts };
  };
  return { authority, verifier, attestation, present, events };
}

const ENTERPRISE = {
  attestation_version: "0.2.0",
  attestation_type: "enterprise",
  safety_level: "standard",
  capabilities_declared: [],
};

describe("what an operator reads of a refusal", () => {
  it.each<[string, object, object, string, string[]]>([
    [
      "an issuer",
      { iss: "https://authority.example/" },
      {},
      "ERR_ISSUER_UNTRUSTED",
      ['"https://authority.example/"', '"https://authority.example"', "trustedIssuers"],
    ],
    [
      "a trust domain",
      { sub: "spiffe://example.com.com/model/x" },
      {},
      "ERR_TRUST_DOMAIN",
      ['"example.com.com"', '"example.com"', "trustDomains"],
    ],
    [
      "an attestation's audience",
      { aud: "https://server.example" },
      {},
      "ERR_ATTESTATION_AUDIENCE",
      ['"https://server.example"', '"https://server.example/mcp"', "audience"],
    ],
    [
      "a proof's audience",
      {},
      { aud: "https://server.example" },
      "ERR_PROOF_AUDIENCE",
      ['"https://server.example"', '"https://server.example/mcp"', "audience"],
    ],
  ])("names %s that was found, and what is configured", async (_, claims, ofProof, code, names) => {
    const { attestation, present } = await setUp();
    const { result, message } = await present(await attestation(claims), ofProof);
    expect(result).toMatchObject({ code });
    for (const name of names) expect(message).toContain(name);
  });

  it.each<[string, object, object, string, RegExp]>([
    [
      "when an attestation expired",
      { iat: NOW - 400, exp: NOW - 100 },
      {},
      "ERR_ATTESTATION_EXPIRED",
      /expired 100 s ago.*clockTolerance 30/,
    ],
    [
      "when an attestation begins",
      { nbf: NOW + 40 },
      {},
      "ERR_ATTESTATION_NOT_YET_VALID",
      /valid in 40 s.*clockTolerance 30/,
    ],
    ["when a proof was made", {}, { iat: NOW - 100 }, "ERR_PROOF_TIME", /100 s ago.*proofWindow 60.*clockTolerance 30/],
    ["when a proof will be made", {}, { iat: NOW + 40 }, "ERR_PROOF_TIME", /40 s ahead.*clockTolerance 30/],
    [
      "what an attestation calls its issuer",
      { attestation_metadata: ENTERPRISE },
      {},
      "ERR_ATTESTATION_TYPE",
      /enterprise.*provider.*trustLevel/,
    ],
  ])("says %s, and what is configured", async (_, claims, ofProof, code, message) => {
    const { attestation, present } = await setUp();
    const refused = await present(await attestation(claims), ofProof);
    expect(refused.result).toMatchObject({ code });
    expect(refused.message).toMatch(message);
  });

  it("names what the attestation is issued for where the proof is for another of the server's names", async () => {
    const other = "https://server.example/other";
    const { attestation, present, authority } = await setUp({ audience: ["https://server.example/mcp", other] });
    const { result, message } = await present(await attestation({ aud: authority.audience }), { aud: other });
    expect(result).toMatchObject({ code: "ERR_PROOF_AUDIENCE" });
    expect(message).toContain(`"${other}"; the attestation is issued for "${authority.audience}"`);
  });

  it.each<[string, unknown]>([
    ["not ASCII", "https://аuthority.example"],
    ["no text", { toString: 1 }],
    ["a line break", "https://authority.example\n{}"],
    ["absent", undefined],
  ])("shows no name that is %s (O1)", async (_, iss) => {
    const { attestation, present } = await setUp();
    const { result, message } = await present(await attestation({ iss }));
    expect(result).toMatchObject({ code: "ERR_ISSUER_UNTRUSTED" });
    expect(message).toContain("(not a text of printable ASCII)");
    expect(message).toMatch(/^[\x20-\x7e…]+$/);
  });

  it("shows 200 characters of a name, however long it is and however many are configured (T17)", async () => {
    const [first, ...rest] = Array.from({ length: 50 }, (_, i) => ({
      issuer: `https://authority-${i}.example`,
      trustLevel: "provider" as const,
      trustDomains: [`domain-${i}.example`] as const,
    }));
    if (!first) throw new Error("none");
    const { attestation, present } = await setUp({
      trustedIssuers: [first, ...rest],
      keyResolver: { resolve: () => undefined },
    });
    const { message } = await present(await attestation({ iss: `https://${"x".repeat(2000)}` }));
    expect(message.length).toBeLessThan(500);
    expect(message).toContain("xxx…");
  });
});

describe("facts of an event", () => {
  it("are those of the attestation, and the proof's audience", async () => {
    const { authority, attestation, present } = await setUp();
    const { result, facts } = await present(await attestation({ aud: [authority.audience] }));
    expect(result).toMatchObject({ outcome: "verified" });
    expect(facts).toEqual({
      kid: authority.authorityKey.kid,
      audience: authority.audience,
      issuedAt: NOW - 5,
      expiresAt: NOW + 295,
      now: NOW,
    });
  });

  it("are what was written, where it did not hold", async () => {
    const { attestation, present } = await setUp();
    const { facts } = await present(
      await attestation(
        { iss: "https://other.example", aud: ["https://a.example", "https://b.example"] },
        { kid: "k" },
      ),
    );
    expect(facts).toEqual({
      kid: "k",
      audience: "https://a.example https://b.example",
      issuedAt: NOW - 5,
      expiresAt: NOW + 295,
      now: NOW,
    });
  });

  it("are the proof's time where that did not hold, of a cached attestation too", async () => {
    const { authority, attestation, present } = await setUp();
    const token = await attestation({});
    for (let i = 0; i < 2; i++) {
      const { result, facts } = await present(token, { iat: NOW - 1000 });
      expect(result).toMatchObject({ code: "ERR_PROOF_TIME" });
      const { kid } = authority.authorityKey;
      expect(facts).toEqual({ kid, audience: authority.audience, issuedAt: NOW - 1000, now: NOW });
    }
  });

  it("are absent where nothing came, and but the time where nothing could be read", async () => {
    const { verifier, events } = await setUp();
    await verifier.verify(undefined, request);
    expect(events.at(-1)).not.toHaveProperty("facts");
    await verifier.verify("garbage", request);
    expect(events.at(-1)?.facts).toEqual({ now: NOW });
  });

  it("hold nothing of other types, and no more than 256 characters (O1, T17)", async () => {
    const { attestation, present } = await setUp();
    for (const aud of [[{ toString: 1 }], { toString: 1 }, 7, "", "é", ["a", "é"]]) {
      const { facts } = await present(await attestation({ iss: "https://other.example", aud, iat: "1", exp: 1.5 }));
      expect(Object.keys(facts ?? {})).toEqual(["kid", "now"]);
    }
    const { facts } = await present(await attestation({ iss: "https://other.example", aud: "x".repeat(1000) }));
    expect(facts?.audience).toBe(`${"x".repeat(255)}…`);
  });
});
