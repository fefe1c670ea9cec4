import { expect, it } from "vitest";
import { MOST_IN_A_TURN, Turns } from "../src/node/turns.ts";

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Requests that come to an authority, and which of them went on. */
function requests() {
  const turns = new Turns();
  const went: number[] = [];
  let count = 0;
  const come = (more: number) => {
    for (let i = 0; i < more; i++) {
      const request = count++;
      turns.take(() => went.push(request));
    }
  };
  return { come, went };
}

it("a few requests go on at once, and the others a few with each turn of the event loop, in their order (A4)", async () => {
  const { come, went } = requests();
  come(2 * MOST_IN_A_TURN + 4);
  const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
  expect(went).toEqual(upTo(MOST_IN_A_TURN));
  await nextTurn();
  expect(went).toEqual(upTo(2 * MOST_IN_A_TURN));
  await nextTurn();
  expect(went).toEqual(upTo(2 * MOST_IN_A_TURN + 4));
});

it("a request that comes later goes on after those that wait, and at once if none of them waits", async () => {
  const { come, went } = requests();
  come(MOST_IN_A_TURN + 1);
  expect(went).toHaveLength(MOST_IN_A_TURN);
  await nextTurn();
  expect(went).toHaveLength(MOST_IN_A_TURN + 1);
  come(MOST_IN_A_TURN - 1);
  expect(went).toHaveLength(2 * MOST_IN_A_TURN);
  come(1);
  expect(went).toHaveLength(2 * MOST_IN_A_TURN);
  await nextTurn();
  await nextTurn();
  come(1);
  expect(went).toEqual(Array.from({ length: 2 * MOST_IN_A_TURN + 2 }, (_, i) => i));
});
