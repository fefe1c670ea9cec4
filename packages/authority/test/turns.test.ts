import { expect, it } from "vitest";
import { Turns } from "../src/node/turns.ts";

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

it("a few requests go on at once, and the others a few with each turn of the event loop, in their order (A4)", async () => {
  const turns = new Turns();
  const went: number[] = [];
  for (let i = 0; i < 20; i++) {
    const turn = turns.take();
    if (turn) void turn.then(() => went.push(i));
    else went.push(i);
  }
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
  expect(went).toEqual(upTo(8));
  await nextTurn();
  expect(went).toEqual(upTo(16));
  await nextTurn();
  expect(went).toEqual(upTo(20));
});

it("a request that comes later goes on after those that wait, and at once if none of them waits", async () => {
  const turns = new Turns();
  for (let i = 0; i < 8; i++) expect(turns.take()).toBeUndefined();
  const waits = turns.take();
  await nextTurn();
  await waits;
  for (let i = 0; i < 7; i++) expect(turns.take()).toBeUndefined();
  expect(turns.take()).toBeDefined();
  await nextTurn();
  await nextTurn();
  expect(turns.take()).toBeUndefined();
});
