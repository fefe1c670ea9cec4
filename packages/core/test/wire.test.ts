import {
  AttestationError,
  type AttestationErrorCode,
  META_PREFIX,
  NAMESPACE,
  possessionInput,
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

  it("is what an agent signs for its authority (SPEC-8.9)", () => {
    expect(new TextDecoder().decode(possessionInput("c-1"))).toBe("io.github.attest/possession\nc-1");
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
