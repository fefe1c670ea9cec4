import { KeyPair } from "@attest/core";
import {
  type BitsPerStatus,
  createHeaderAndPayload,
  getListFromStatusListJWT,
  StatusList as TheirList,
} from "@sd-jwt/jwt-status-list";
import { beforeAll, expect, it } from "vitest";
import { StatusList } from "../src/index.ts";
import { claimsOf, ISSUER, NOW, signed, sourceOf, tokenOf, URI } from "./signed-lists.ts";

let signer: KeyPair;
beforeAll(async () => {
  signer = await KeyPair.generate({ algorithm: "ES256", kid: "theirs" });
});

/** Statuses that look random and are the same each time. */
function statusesOf(bits: BitsPerStatus, size: number): number[] {
  let seed = bits;
  return Array.from({ length: size }, () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return (seed >> 16) % 2 ** bits;
  });
}

it.each([1, 2, 4, 8] as const)(
  "reads lists of %d bits that @sd-jwt/jwt-status-list makes, and it reads ours",
  async (bits) => {
    const statuses = statusesOf(bits, 4096);
    const ours = await StatusList.decode({ bits, lst: new TheirList(statuses, bits).compressStatusList() });
    expect(statuses.map((_, i) => ours.get(i))).toEqual(statuses);

    const made = StatusList.create(bits, 4096);
    for (const [index, status] of statuses.entries()) made.set(index, status);
    const theirs = TheirList.decompressStatusList((await made.encode()).lst, bits);
    expect(statuses.map((_, i) => theirs.getStatus(i))).toEqual(statuses);
  },
);

it("answers from a token that @sd-jwt/jwt-status-list makes", async () => {
  const statuses = statusesOf(2, 1024);
  const { header, payload } = createHeaderAndPayload(
    new TheirList(statuses, 2),
    { iss: ISSUER, sub: URI, iat: NOW, exp: NOW + 3600, ttl: 300 },
    { alg: "ES256", typ: "statuslist+jwt", kid: "theirs" },
  );
  const token = await signed(signer, [JSON.stringify(header), JSON.stringify(payload)]);
  const { server, check } = sourceOf(signer);
  server.answer = () => token;
  const answers = await Promise.all(statuses.map((_, idx) => check(idx)));
  expect(answers).toEqual(statuses.map((status) => (status === 0 ? "valid" : "revoked")));
});

it("makes tokens that @sd-jwt/jwt-status-list reads", async () => {
  const theirs = getListFromStatusListJWT(await tokenOf(signer, await claimsOf({}, { 5: 1, 1023: 1 })));
  expect([4, 5, 6, 1022, 1023].map((idx) => theirs.getStatus(idx))).toEqual([0, 1, 0, 0, 1]);
});
