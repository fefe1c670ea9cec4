import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { deflateSync } from "node:zlib";
import { encodeBase64url } from "@attest/core";
import { expect, it } from "vitest";
import { StatusList, type StatusListLimits } from "../src/index.ts";

interface Vector {
  readonly name: string;
  readonly bits: 1 | 2 | 4 | 8;
  readonly size: number;
  readonly lst: string;
  readonly statuses: readonly (readonly [index: number, status: number])[];
}

const { vectors } = JSON.parse(readFileSync(new URL("vectors/token-status-list.json", import.meta.url), "utf8")) as {
  vectors: readonly Vector[];
};

const UNAVAILABLE = "ERR_REVOCATION_UNAVAILABLE";
const lstOf = (bytes: Uint8Array) => encodeBase64url(deflateSync(bytes));
const problemOf = (encoded: unknown, limits?: StatusListLimits): Promise<string> =>
  StatusList.decode(encoded, limits).then(
    () => "decoded",
    (error) => `${error.code} ${error.message}`,
  );

it.each(vectors)("reads every status of the draft's $name, and no other", async ({ bits, lst, size, statuses }) => {
  const list = await StatusList.decode({ bits, lst });
  expect([list.bits, list.size]).toEqual([bits, size]);
  const expected = new Map(statuses);
  const wrong: number[] = [];
  for (let i = 0; i < size; i++) if (list.get(i) !== (expected.get(i) ?? 0)) wrong.push(i);
  expect(wrong).toEqual([]);
});

it.each(vectors)("makes a list that reads as the draft's $name", async ({ bits, lst, size, statuses }) => {
  const list = StatusList.create(bits, size);
  for (const [index, status] of statuses) list.set(index, status);
  const encoded = await list.encode();
  const [ours, theirs] = await Promise.all([StatusList.decode(encoded), StatusList.decode({ bits, lst })]);
  for (let i = 0; i < size; i++) if (ours.get(i) !== theirs.get(i)) throw new Error(`${i} differs`);
  expect(encoded.lst.length).toBeLessThanOrEqual(lst.length * 1.2);
});

it("sets and unsets one status without touching its neighbours", () => {
  for (const bits of [1, 2, 4, 8] as const) {
    const most = 2 ** bits - 1;
    const list = StatusList.create(bits, 16);
    for (let i = 0; i < 16; i++) list.set(i, most);
    list.set(5, 0);
    expect(Array.from({ length: 16 }, (_, i) => list.get(i))).toEqual(
      Array.from({ length: 16 }, (_, i) => (i === 5 ? 0 : most)),
    );
  }
});

it("has no status at anything that is not one of its indexes", async () => {
  const list = StatusList.create(1, 9);
  expect(list.size).toBe(16);
  for (const index of [-1, 16, 0.5, Number.NaN, 2 ** 32, 2 ** 53, Number.POSITIVE_INFINITY, "3", undefined]) {
    expect(list.get(index as number)).toBeUndefined();
    expect(() => list.set(index as number, 0)).toThrow(/^index must be/);
  }
  for (const status of [-1, 2, 0.5, Number.NaN]) expect(() => list.set(0, status)).toThrow(/^status must be/);
  for (const size of [0, -1, 1.5, Number.NaN, 2 ** 31]) expect(() => StatusList.create(1, size)).toThrow(/^size must/);
  expect(() => StatusList.create(3 as 1, 8)).toThrow(/^bits must/);
});

it("refuses what is not a status list", async () => {
  const lst = lstOf(new Uint8Array(4));
  for (const encoded of [
    undefined,
    null,
    1,
    "",
    [],
    { lst },
    { bits: 3, lst },
    { bits: "1", lst },
    { bits: 16, lst },
  ]) {
    expect(await problemOf(encoded)).toBe(`${UNAVAILABLE} The status list has a \`bits\` other than 1, 2, 4 and 8`);
  }
  for (const other of [undefined, null, 1, [lst]]) {
    expect(await problemOf({ bits: 1, lst: other })).toBe(`${UNAVAILABLE} The status list has no \`lst\``);
  }
  for (const other of [`${lst}=`, `${lst} `, `${lst}\n`, lst.replace(/.$/, "+"), "\u00e9"]) {
    expect(await problemOf({ bits: 1, lst: other })).toBe(
      `${UNAVAILABLE} The status list is not in canonical base64url`,
    );
  }
  expect(await problemOf({ bits: 1, lst: lstOf(new Uint8Array()) })).toBe(`${UNAVAILABLE} The status list is empty`);
});

it("refuses data that is truncated, goes on, has another checksum or another format, on every platform alike", async () => {
  const whole = deflateSync(Uint8Array.from({ length: 1000 }, (_, i) => i * i));
  const damaged = {
    nothing: whole.subarray(0, 0),
    "a byte": whole.subarray(0, 1),
    "a header": whole.subarray(0, 2),
    "all but a byte": whole.subarray(0, -1),
    "all but the checksum": whole.subarray(0, -4),
    "half of it": whole.subarray(0, whole.length / 2),
    "a byte more": Buffer.concat([whole, Buffer.of(0)]),
    "another stream behind it": Buffer.concat([whole, deflateSync(Buffer.of(1))]),
    "another checksum": Buffer.concat([whole.subarray(0, -1), Buffer.of((whole.at(-1) as number) ^ 1)]),
    "no zlib header": whole.subarray(2),
    text: Buffer.from("nothing of the kind"),
  };
  for (const [name, bytes] of Object.entries(damaged)) {
    const problem = await problemOf({ bits: 1, lst: encodeBase64url(bytes) });
    expect([name, problem]).toEqual([name, `${UNAVAILABLE} The status list is not whole data in the ZLIB format`]);
  }
  expect((await StatusList.decode({ bits: 8, lst: encodeBase64url(whole) })).get(3)).toBe(9);
});

it("refuses a list that inflates beyond its limit, having held little more than that limit (S1, SPEC-18.11)", async () => {
  const lst = lstOf(Buffer.alloc(128 * 1024 * 1024));
  expect(lst.length).toBeLessThan(200_000);
  const limits = { maxBytes: 1024 * 1024 };
  await problemOf({ bits: 1, lst }, limits);
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }, 1);
  const problem = await problemOf({ bits: 1, lst }, limits);
  clearInterval(watch);
  expect(problem).toBe(`${UNAVAILABLE} The status list inflates to more than ${limits.maxBytes} bytes`);
  expect(Math.max(most, process.memoryUsage().arrayBuffers - before)).toBeLessThan(16 * 1024 * 1024);
});

it("holds to its limits at their very edge", async () => {
  const lst = lstOf(new Uint8Array(1000));
  const compressed = Buffer.from(lst, "base64url").length;
  expect(await problemOf({ bits: 1, lst }, { maxBytes: 1000 })).toBe("decoded");
  expect(await problemOf({ bits: 1, lst }, { maxBytes: 999 })).toMatch(/inflates to more than 999 bytes$/);
  expect(await problemOf({ bits: 1, lst }, { maxCompressedBytes: compressed })).toBe("decoded");
  expect(await problemOf({ bits: 1, lst }, { maxCompressedBytes: compressed - 2 })).toMatch(
    /bytes of compressed data$/,
  );
});

it("keeps a list of a million entries in little more than its bits", async () => {
  const list = StatusList.create(1, 1_000_000);
  for (let i = 0; i < 1_000_000; i += 50) list.set(i, 1);
  const encoded = await list.encode();
  const copies = 50;
  const before = await heldBytes();
  const held: StatusList[] = [];
  for (let i = 0; i < copies; i++) held.push(await StatusList.decode(encoded));
  const each = ((await heldBytes()) - before) / copies;
  expect(held.every((copy) => copy.get(50) === 1 && copy.get(51) === 0)).toBe(true);
  expect(each).toBeGreaterThan(125_000 * 0.9);
  expect(each).toBeLessThan(125_000 * 1.1);
});

/** Bytes of buffers that are in use, once collecting garbage frees no more. */
async function heldBytes(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  let [bytes, same] = [-1, 0];
  for (let i = 0; i < 1000 && same < 20; i++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
    const now = process.memoryUsage().arrayBuffers;
    same = now === bytes ? same + 1 : 0;
    bytes = now;
  }
  return bytes;
}
