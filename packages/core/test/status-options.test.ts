import { type AttestationRequest, AttestationVerifier, decodeAttestation } from "@attest/core";
import { createTestAuthority, type TestAuthority } from "@attest/core/testing";
import { beforeAll, describe, expect, it } from "vitest";
import { forge, takeApart } from "./spec-forge.ts";
import { anotherIssuer, LIST, statusesOf, useOf, verifierWith } from "./status-support.ts";

const naming = (option: string) =>
  expect.objectContaining({ code: "ERR_OPTION", message: expect.stringContaining(option) });

let authority: TestAuthority;
beforeAll(async () => {
  authority = await createTestAuthority();
});

const use = (verifier: AttestationVerifier, attestation: string) => useOf(authority, verifier, attestation);
const attestAt = (idx = 7, uri = LIST) => authority.attest({ status: { idx, uri } });

describe("the claim `status`", () => {
  it("is written as the IETF has it, and read back (SPEC-18.1)", async () => {
    const attestation = await attestAt();
    expect(takeApart(attestation).payload["status"]).toEqual({ status_list: { idx: 7, uri: LIST } });
    expect(decodeAttestation(attestation).claims?.status).toEqual({ statusList: { idx: 7, uri: LIST } });
    expect(takeApart(await authority.attest()).payload).not.toHaveProperty("status");
    expect(takeApart(await authority.attestBearer({ status: { idx: 0, uri: LIST } })).payload).toHaveProperty("status");
  });

  it.each<[string, unknown]>([
    ["status", null],
    ["status", LIST],
    ["status.uri2", { idx: 1, uri: LIST, uri2: LIST }],
    ["status_list.idx", { uri: LIST }],
    ["status_list.idx", { idx: -1, uri: LIST }],
    ["status_list.idx", { idx: 1.5, uri: LIST }],
    ["status_list.idx", { idx: "1", uri: LIST }],
    ["status_list.uri", { idx: 1 }],
    ["status_list.uri", { idx: 1, uri: "https://authority.example/status 1" }],
  ])("is not signed where no verifier would take it, naming %s (SPEC-2.18): %j", async (name, status) => {
    await expect(authority.attest({ status } as Partial<AttestationRequest>)).rejects.toEqual(naming(name));
  });

  it.each([
    null,
    [],
    "revoked",
    { status_list: null },
    { status_list: { idx: 1 } },
    { status_list: { idx: -1, uri: LIST } },
    { status_list: { idx: 2 ** 53, uri: LIST } },
    { status_list: { idx: "1", uri: LIST } },
    { status_list: { idx: 1, uri: ["https://authority.example/status/1"] } },
  ])("is refused where it is malformed (SPEC-18.1): %j", async (status) => {
    const { header, payload } = takeApart(await authority.attest());
    const token = await forge(header, { ...payload, status }, authority.authorityKey);
    expect(await use(authority.verifier, token)).toBe("ERR_ATTESTATION_CLAIMS");
  });

  it("may hold other means of revocation, which are ignored (SPEC-18.1)", async () => {
    const { header, payload } = takeApart(await authority.attest());
    const status = { identifier_list: { id: "x", uri: "https://other.example" } };
    const token = await forge(header, { ...payload, status }, authority.authorityKey);
    expect(await use(authority.verifier, token)).toBe("verified");
    expect(await use(verifierWith(authority, statusesOf().source), token)).toBe("ERR_CLAIM_REQUIRED");
  });
});

describe("status lists in a verifier's options", () => {
  const { source } = statusesOf();
  const options = (trusted: object, rest: object = {}) => {
    const [issuer] = authority.verifierOptions.trustedIssuers;
    return { ...authority.verifierOptions, trustedIssuers: [{ ...issuer, ...trusted }] as never, ...rest };
  };

  it.each<[string, object, object]>([
    ["statusSource", { statusLists: [LIST] }, {}],
    ["statusSource", {}, { statusSource: source }],
    ["statusSource", { statusLists: [LIST] }, { statusSource: null }],
    ["statusSource", { statusLists: [LIST] }, { statusSource: { check: true } }],
    ["statusSource", { statusLists: [LIST] }, { statusSource: { ...source, lists: {} } }],
    [
      "statusSource",
      { statusLists: [LIST] },
      { statusSource: { ...source, lists: { "https://authority.example": [`${LIST}0`] } } },
    ],
    ["trustedIssuers.statusLists", { statusLists: [] }, { statusSource: source }],
    ["trustedIssuers.statusLists", { statusLists: LIST }, { statusSource: source }],
    ["trustedIssuers.statusLists", { statusLists: ["/status/1"] }, { statusSource: source }],
    ["trustedIssuers.statusLists", { statusLists: [LIST, LIST] }, { statusSource: source }],
    ["trustedIssuers.statusOptional", { statusOptional: true }, {}],
    ["trustedIssuers.statusOptional", { statusLists: [LIST], statusOptional: "yes" }, { statusSource: source }],
  ])("are refused when they cannot work, naming %s (SPEC-1.2): %j %j", (option, trusted, rest) => {
    expect(() => new AttestationVerifier(options(trusted, rest))).toThrow(naming(option));
  });

  it("are refused when one list is given to two issuers (S1, SPEC-18.4)", () => {
    const [issuer] = authority.verifierOptions.trustedIssuers;
    const two = [{ ...issuer, statusLists: [LIST] }, anotherIssuer(authority, [LIST])] as const;
    expect(() => verifierWith(authority, source, { trustedIssuers: two })).toThrow(
      naming("trustedIssuers.statusLists"),
    );
  });

  it("are taken from a source that knows them, and are copied", async () => {
    const statusLists: [string] = [LIST];
    const known = {
      ...statusesOf().source,
      lists: { [authority.issuer]: ["https://authority.example/status/0", LIST] },
    };
    const verifier = verifierWith(authority, known, { trusted: { statusLists } });
    statusLists[0] = "https://evil.example/status";
    expect(await use(verifier, await attestAt())).toBe("verified");
  });

  it("are waited for by `ready`, which rejects with what the source rejects with", async () => {
    // The memory's own replay cache waits for the second after its making.
    const replayCache = { scope: "shared", consume: () => true } as const;
    const readyWith = (ready: () => Promise<void>) =>
      verifierWith(authority, { ...source, ready }, { replayCache }).ready();
    await expect(readyWith(() => Promise.reject(new Error("no list")))).rejects.toThrow("no list");
    await expect(readyWith(async () => {})).resolves.toBeUndefined();
  });
});
