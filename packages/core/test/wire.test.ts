import {
  AttestationError,
  type AttestationErrorCode,
  META_PREFIX,
  NAMESPACE,
  possessionInput,
  possessionInput1,
  readAuthorization,
  trustLevelOfStatus,
  verifiedStatus,
  wireReason,
} from "@attest/core";
import { describe, expect, it } from "vitest";

describe("what both sides write and read alike", () => {
  it.each<[string | null | undefined, string | undefined]>([
    ["Bearer abc.def", "abc.def"],
    ["DPoP abc", "abc"],
    ["bearer  abc  ", "abc"],
    ["Basic abc", undefined],
    ["Basic a b", undefined],
    ["XBearer abc", undefined],
    ["Bearer-X a b", undefined],
    ["", undefined],
    [null, undefined],
    [undefined, undefined],
  ])("is the access token in %j: %j (SPEC-3.12)", (authorization, accessToken) => {
    expect(readAuthorization(authorization)).toEqual(accessToken === undefined ? {} : { accessToken });
  });

  it.each([
    "Bearer",
    "Bearer ",
    "Bearer a b",
    "bearer a  b",
    "DPoP a b c",
    "Bearer a, Bearer b",
    "Bearer,a",
    "Bearer\ta",
    "Bearer a\tb",
    "Bearer a\u00a0b",
    " Bearer a b",
    "Bearer \u00e9",
  ])("is not one credential, and not nothing: %j (M14)", (authorization) => {
    const { accessToken, problem } = readAuthorization(authorization);
    expect(accessToken).toBeUndefined();
    expect(problem).toMatch(/exactly one credential/);
  });

  it.each(["enterprise", "provider"] as const)("is the status of an agent trusted as %s", (trustLevel) => {
    expect(verifiedStatus(trustLevel)).toBe(`verified;trust=${trustLevel}`);
    expect(trustLevelOfStatus(verifiedStatus(trustLevel))).toBe(trustLevel);
  });

  it.each([null, "", "verified", "verified;trust=none", "verified;trust=provider, x", "failed;trust=provider"])(
    "is no status of a verified agent: %j",
    (status) => expect(trustLevelOfStatus(status)).toBeUndefined(),
  );

  describe("is what an agent signs for its authority", () => {
    const text = (input: Uint8Array) => new TextDecoder().decode(input);
    const authority = "https://authority.example/attestations";

    it("with the address of the authority, so that no other can use it (SPEC-8.9)", () => {
      expect(text(possessionInput("c-1", authority))).toBe(`io.github.attest/possession/2\n${authority}\nc-1`);
      expect(possessionInput("c-1", `${authority}/`)).not.toEqual(possessionInput("c-1", authority));
    });

    it("in the form of 0.2.0 by name, or where no address is given, for one version (SPEC-8.17)", () => {
      expect(text(possessionInput1("c-1"))).toBe("io.github.attest/possession\nc-1");
      expect(possessionInput("c-1")).toEqual(possessionInput1("c-1"));
    });

    it.each(["", "authority.example", `${authority}\nc-0`, "https://authority.example/é", null, undefined])(
      "and refused for an address that is none: %j (SPEC-8.9)",
      (wrong) => {
        expect(() => possessionInput("c-1", wrong as string)).toThrow(
          expect.objectContaining({ code: "ERR_OPTION", message: expect.stringMatching(/^authority /) }),
        );
      },
    );
  });

  it("begins with the namespace", () => {
    expect(META_PREFIX).toBe(`${NAMESPACE}/`);
  });
});

describe("what a peer is told", () => {
  it.each<AttestationErrorCode>(["ERR_REPLAY", "ERR_CLOCK"])("is the reason of the code %s", (code) => {
    expect(wireReason(code)).toBe(new AttestationError(code, "").reason);
  });

  it.each<AttestationErrorCode>(["ERR_OPTION", "ERR_ALREADY_ATTESTED"])(
    "of a mistake on our own side, %s, is that we cannot say, and nothing against the peer",
    (code) => {
      expect(new AttestationError(code, "").reason).toBeUndefined();
      expect(wireReason(code)).toBe("attestation_unavailable");
    },
  );
});
