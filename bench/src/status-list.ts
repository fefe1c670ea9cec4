import { InMemoryKeyResolver } from "@attest/core";
import { HttpStatusSource, StatusList, StatusListPublisher, type StatusStorage } from "@attest/status-list";
import type { Material } from "./material.ts";
import { median } from "./measure.ts";
import type { Row } from "./row.ts";

const STATUSES = 1_000_000;
const OPERATIONS = 1_000_000;
const READS = 15;
const URI = "https://authority.example/status/1";

/** A half-revoked list of a million: what asking it costs, what it takes of memory, and how long reading it holds others up. */
export async function measureStatusList({ authority: { issuer, authorityKey } }: Material): Promise<readonly Row[]> {
  const memory = await memoryOf();
  const token = await publishedToken(issuer, authorityKey);
  const keyResolver = new InMemoryKeyResolver();
  await keyResolver.addKey(issuer, authorityKey.toJwk());
  const answer = () => new Response(token, { headers: { "content-type": "application/statuslist+jwt" } });
  const options = { lists: { [issuer]: URI }, keyResolver, allowUncheckedAddresses: true, fetch: async () => answer() };
  const source = new HttpStatusSource(options);
  await source.ready();
  const times = Array.from({ length: 11 }, () => {
    const begun = performance.now();
    for (let i = 0; i < OPERATIONS; i++) {
      if (typeof source.check(issuer, { uri: URI, idx: i }) !== "string")
        throw new Error("A list that is held was fetched");
    }
    return ((performance.now() - begun) * 1000) / OPERATIONS;
  });
  const gaps: number[] = [];
  for (let i = 0; i < READS; i++) gaps.push(await longestGap(() => source.reload()));
  await source.close();
  const list = `status list of ${STATUSES.toLocaleString("en")}`;
  return [
    { path: `${list}: one check`, unit: "µs", measured: median(times), must: 1, aim: 0.5, better: "smaller" },
    { path: `${list}: memory ÷ bits`, unit: "×", measured: memory, must: 1.1, aim: 1.05, better: "smaller" },
    {
      path: `${list}: fetch, longest turn of the event loop`,
      unit: "ms",
      measured: median(gaps),
      ...{ must: 5, aim: 3, better: "smaller" },
    },
  ];
}

async function publishedToken(issuer: string, signer: Material["authority"]["authorityKey"]): Promise<string> {
  const allocations = Array.from({ length: STATUSES }, (_, i) => [
    i,
    String(i).padStart(43, "k"),
    2 ** 33,
    i % 7 < 3 || i % 11 < 2,
  ]);
  const register = { version: 1, revokedAt: 0, allocations, revokedKeys: [], revokedWorkloads: [] };
  const snapshot = { position: 1, text: JSON.stringify(register) };
  const storage: StatusStorage = {
    read: async () => ({ head: 1, snapshot, entries: [] }),
    append: async () => false,
    compact: async () => {},
  };
  const publisher = await StatusListPublisher.open({ uri: URI, issuer, signer, storage });
  return publisher.token();
}

/** Bytes that a list holds, against those of its bits. */
async function memoryOf(): Promise<number> {
  const encoded = await StatusList.create(1, STATUSES).encode();
  const lists: StatusList[] = [await StatusList.decode(encoded)];
  const collect = async () => {
    for (let i = 0; i < 3; i++) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = await collect();
  const count = 50;
  for (let i = 0; i < count; i++) lists.push(await StatusList.decode(encoded));
  const used = (await collect()) - before;
  return used / (((lists.length - 1) * STATUSES) / 8);
}

/** The longest time in milliseconds for which nothing else got its turn. */
async function longestGap(work: () => Promise<unknown>): Promise<number> {
  let [longest, last, isDone] = [0, performance.now(), false];
  const turn = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  await work();
  isDone = true;
  return longest;
}
