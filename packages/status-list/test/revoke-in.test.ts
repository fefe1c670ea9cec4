import { expect, it } from "vitest";
import { reinstateIn, revokeIn } from "../src/index.ts";
import { authority, codeOf, keyNamed, passingPublishDelay } from "./authority.ts";
import { NOW } from "./signed-lists.ts";

const passPublishDelay = passingPublishDelay();
const clock = () => NOW;

it("is published by every publisher on the same storage (SPEC-18.3)", async () => {
  const { open, storage, isRevokedBy } = authority();
  const publisher = await open();
  const workload = "cluster/system:serviceaccount:finance:bot";
  const [one, two, other] = await Promise.all([
    publisher.allocate(keyNamed("one"), { workload }),
    publisher.allocate(keyNamed("two"), { workload }),
    publisher.allocate(keyNamed("other"), { workload: "cluster/another" }),
  ]);
  const revoked = await revokeIn(storage, { workload }, { clock });
  expect([...revoked].sort()).toEqual([one.idx, two.idx].sort());
  passPublishDelay();
  expect(await isRevokedBy(publisher, one.idx)).toBe(true);
  expect(await isRevokedBy(publisher, two.idx)).toBe(true);
  expect(await isRevokedBy(publisher, other.idx)).toBe(false);
  expect(await codeOf(publisher.allocate(keyNamed("three"), { workload }))).toBe("ERR_REVOKED");
  expect(await revokeIn(storage, { idx: other.idx }, { clock })).toEqual([other.idx]);
  await reinstateIn(storage, { workload }, { clock });
  await publisher.allocate(keyNamed("three"), { workload });
  expect(await isRevokedBy(publisher, one.idx)).toBe(true);
});

it("refuses what names nothing, and an index that is nobody's", async () => {
  const { storage } = authority();
  expect(await codeOf(revokeIn(storage, {} as never, { clock }))).toBe("ERR_OPTION");
  expect(await codeOf(revokeIn(storage, { key: "short" }, { clock }))).toBe("ERR_OPTION");
  expect(await codeOf(revokeIn(storage, { idx: 7 }, { clock }))).toBe("ERR_OPTION");
  expect(await codeOf(reinstateIn(storage, { idx: 7 } as never, { clock }))).toBe("ERR_OPTION");
  expect(await revokeIn(storage, { workload: "unknown" }, { clock })).toEqual([]);
});

it("does not forget for a publisher whose lists live longest what that has to publish (SPEC-18.12)", async () => {
  const { open, storage, time, isRevokedBy } = authority({ lifetime: 86_400 });
  const publisher = await open();
  const { idx } = await publisher.allocate(keyNamed("one"));
  await publisher.revoke({ idx });
  // All attestations have expired, but not every list. Snapshots are due every 256 changes.
  time.now += 2 * 3960 + 86_000;
  for (let i = 0; i < 256; i++) await reinstateIn(storage, { workload: "nobody" }, { clock: () => time.now });
  passPublishDelay();
  expect(await isRevokedBy(await open(), idx)).toBe(true);
});
