import type { AttestationVerifier } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { anotherIssuer, LIST, statusesOf, useOf, verifierWith } from "./status-support.ts";

const request = { kind: "message", method: "tools/call" } as const;
const NOW = 1_800_000_000;
let authority: TestAuthority;
let now: number;
beforeEach(async () => {
  now = NOW;
  authority = await createTestAuthority({ clock: () => now });
});

const use = (verifier: AttestationVerifier, attestation: string) => useOf(authority, verifier, attestation);
const attestAt = (idx = 7, uri = LIST) => authority.attest({ status: { idx, uri } });

describe("an attestation of an issuer with status lists", () => {
  it("is asked about at its issuer, list and index, and verified if it is valid there (SPEC-18.4)", async () => {
    const { source, asked } = statusesOf();
    expect(await use(verifierWith(authority, source), await attestAt(7))).toBe("verified");
    expect(asked).toEqual([`${authority.issuer} ${LIST} 7`]);
  });

  it("is refused if it was revoked, under every policy (S1, SPEC-18.6)", async () => {
    for (const policy of ["required", "preferred", "optional"] as const) {
      for (const answer of [() => "revoked", async () => "revoked"]) {
        const verifier = verifierWith(authority, statusesOf(answer).source, { policy });
        expect(await use(verifier, await attestAt())).toBe("ERR_REVOKED");
      }
    }
  });

  it("is refused, under every policy, if the source does not say (S1, SPEC-5.4, SPEC-18.7)", async () => {
    const fails = () => {
      throw new Error("down");
    };
    const answers = [fails, async () => fails(), () => undefined, () => true, () => 0, () => "VALID", async () => null];
    for (const policy of ["required", "preferred", "optional"] as const) {
      for (const answer of answers) {
        const verifier = verifierWith(authority, statusesOf(answer).source, { policy });
        expect(await use(verifier, await attestAt())).toBe("ERR_REVOCATION_UNAVAILABLE");
      }
    }
  });

  it("waits ten seconds for the source and no longer (SPEC-6.17)", async () => {
    const attestation = await attestAt();
    const verifier = verifierWith(authority, statusesOf(() => new Promise(() => {})).source);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const outcome = use(verifier, attestation);
      // Signatures on the thread pool come back through real turns of the event loop.
      for (let i = 0; i < 1000 && vi.getTimerCount() === 0; i++) await new Promise(setImmediate);
      expect(vi.getTimerCount()).toBe(1);
      await vi.advanceTimersByTimeAsync(10_000);
      expect(await outcome).toBe("ERR_REVOCATION_UNAVAILABLE");
    } finally {
      vi.useRealTimers();
    }
  });

  it("must have a status (SPEC-18.5)", async () => {
    const { source, asked } = statusesOf();
    for (const policy of ["required", "optional"] as const) {
      expect(await use(verifierWith(authority, source, { policy }), await authority.attest())).toBe(
        "ERR_CLAIM_REQUIRED",
      );
    }
    expect(asked).toEqual([]);
  });

  it("may be without one where that is configured, and is asked about if it has one (SPEC-18.5)", async () => {
    const verifier = verifierWith(authority, statusesOf(() => "revoked").source, { trusted: { statusOptional: true } });
    const without = await authority.attest();
    expect(await use(verifier, without)).toBe("verified");
    expect(await use(verifier, without)).toBe("verified");
    expect(await use(verifier, await attestAt())).toBe("ERR_REVOKED");
  });

  it("is refused if its status is in another list, which nobody is asked about (S1, SPEC-18.4, SPEC-18.5)", async () => {
    const { source, asked } = statusesOf();
    for (const trusted of [{}, { statusOptional: true }]) {
      for (const uri of ["https://evil.example/status", `${LIST}/`, LIST.toUpperCase(), `${LIST}?`]) {
        expect(await use(verifierWith(authority, source, { trusted }), await attestAt(7, uri))).toBe(
          "ERR_CLAIM_REQUIRED",
        );
      }
    }
    expect(asked).toEqual([]);
  });

  it("is refused if its status is in the list of another issuer (S1, SPEC-18.4)", async () => {
    const { source, asked } = statusesOf();
    const other = "https://authority.example/status/of-another";
    const [issuer] = authority.verifierOptions.trustedIssuers;
    const verifier = verifierWith(authority, source, {
      trustedIssuers: [{ ...issuer, statusLists: [LIST] }, anotherIssuer(authority, [other])],
    });
    expect(await use(verifier, await attestAt(7, other))).toBe("ERR_CLAIM_REQUIRED");
    expect(asked).toEqual([]);
  });

  it("tells the operator which list it named, and which are configured", async () => {
    const attestation = await attestAt(7, "https://authority.example/status/2");
    const proof = await authority.prove(attestation, request);
    const result = await verifierWith(authority, statusesOf().source).verify(attestation, { proof, ...request });
    expect(result).toMatchObject({
      reason: "attestation_claims_insufficient",
      retryable: false,
      message: expect.stringMatching(/"https:\/\/authority.example\/status\/2".*statusLists: ".*status\/1"/),
    });
  });

  it("is asked about with each message, though it is cached (T21, SPEC-6.11, SPEC-18.8)", async () => {
    let answer: unknown = "valid";
    const { source, asked } = statusesOf(() => answer);
    const verifier = verifierWith(authority, source);
    const attestation = await attestAt();
    expect(await use(verifier, attestation)).toBe("verified");
    expect(await use(verifier, attestation)).toBe("verified");
    answer = "revoked";
    expect(await use(verifier, attestation)).toBe("ERR_REVOKED");
    answer = "valid";
    expect(await use(verifier, attestation)).toBe("verified");
    answer = Promise.reject(new Error("down"));
    expect(await use(verifier, attestation)).toBe("ERR_REVOCATION_UNAVAILABLE");
    expect(new Set(asked).size).toBe(1);
    expect(asked).toHaveLength(5);
  });

  it("is asked about with each message of the session that it opened without a proof (SPEC-4.7, SPEC-18.8)", async () => {
    let answer = "valid";
    const verifier = verifierWith(authority, statusesOf(() => answer).source, { allowBearer: true });
    const attestation = await authority.attestBearer({ status: { idx: 7, uri: LIST } });
    const identity = await verifier.verify(attestation, { kind: "message", method: "initialize" });
    if (!identity.verified) throw new Error(identity.outcome);
    now += 1000;
    expect(await verifier.recheck(identity)).toBeUndefined();
    answer = "revoked";
    expect(await verifier.recheck(identity)).toMatchObject({ code: "ERR_REVOKED" });
    answer = "unknown";
    expect(await verifier.recheck(identity)).toMatchObject({ code: "ERR_REVOCATION_UNAVAILABLE" });
  });

  it("must pass `isRevoked` too, which is asked first (SPEC-6.10)", async () => {
    const { source, asked } = statusesOf();
    expect(await use(verifierWith(authority, source, { isRevoked: () => true }), await attestAt())).toBe("ERR_REVOKED");
    expect(asked).toEqual([]);
    const revoking = verifierWith(authority, statusesOf(() => "revoked").source, { isRevoked: () => false });
    expect(await use(revoking, await attestAt())).toBe("ERR_REVOKED");
  });
});

describe("an attestation of an issuer without status lists", () => {
  it("is not asked about, whatever its status (SPEC-18.5)", async () => {
    const { source, asked } = statusesOf(() => "revoked");
    const [issuer] = authority.verifierOptions.trustedIssuers;
    const verifier = verifierWith(authority, source, {
      trustedIssuers: [issuer, anotherIssuer(authority, [LIST])],
    });
    expect(await use(verifier, await attestAt())).toBe("verified");
    expect(asked).toEqual([]);
  });
});
