import { describe, expect, it } from "vitest";
import { jsonSnapshot } from "../src/json-snapshot.ts";

/** What JSON makes of a value, written out so that nothing hides behind a comparison of objects. */
const throughJson = (value: unknown) => JSON.stringify(JSON.parse(JSON.stringify(value)));

class Point {
  readonly #secret = 1;
  readonly x = 2;
  get sum() {
    return this.#secret + this.x;
  }
}
const nested = (depth: number): unknown =>
  depth === 0 ? "deep" : depth % 2 ? [nested(depth - 1)] : { a: nested(depth - 1) };
const values: readonly (readonly [string, unknown])[] = [
  [
    "a call of a tool",
    {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "a", arguments: { b: [1, null, true, "ü\ud800"] } },
    },
  ],
  ["numbers", [0, -0, 1.5, -1e300, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY]],
  ["members without a value", { a: undefined, b: 1, c: () => 1, d: Symbol("d"), [Symbol("e")]: 1 }],
  ["list elements without a value", [undefined, () => 1, Symbol("d"), new Array(2), 1]],
  ["a date", { date: new Date(0) }],
  ["a list that writes itself", { list: Object.assign([1], { toJSON: () => 2 }) }],
  ["an object that writes itself", Object.defineProperty({ a: 1 }, "toJSON", { value: () => ({ b: 2 }) })],
  [
    "instances, maps and boxes",
    { point: new Point(), map: new Map([[1, 2]]), text: Object("a"), number: Object(1), bytes: Uint8Array.of(1) },
  ],
  ["objects without a prototype", Object.assign(Object.create(null), { a: { b: 1 } })],
  ["inherited and hidden members", Object.defineProperty(Object.create({ inherited: 1 }), "hidden", { value: 1 })],
  ["hidden members of a plain object", Object.defineProperty({ a: 1 }, "hidden", { value: 1 })],
  [
    "members that are computed",
    {
      get a() {
        return { b: 1 };
      },
    },
  ],
  ["names that objects inherit", JSON.parse('{"__proto__":{"a":1},"constructor":null,"toString":"x","valueOf":[]}')],
  ["names that are numbers", { 10: "a", 9: "b", x: "c", "01": "d" }],
  ["a list with other members", Object.assign([1, 2], { other: 3 })],
  ["deep values", nested(2500)],
  ["values of another length than they say", new Proxy([1, 2], {})],
];

describe("a snapshot of a message", () => {
  it.each(values)("is what JSON makes of it: %s", (_, value) => {
    expect(JSON.stringify(jsonSnapshot(value))).toBe(throughJson(value));
  });

  it("has no negative zero", () => {
    expect(jsonSnapshot([-0])).toStrictEqual([0]);
  });

  it("does not change with what it was made of", () => {
    const list = [{ a: 1 }];
    const message = { params: { list, name: "read" } };
    const snapshot = jsonSnapshot(message);
    message.params.name = "transfer";
    Object.assign(list[0] as object, { a: 2 });
    list.push({ a: 3 });
    expect(snapshot).toEqual({ params: { list: [{ a: 1 }], name: "read" } });
  });

  it("changes nothing that objects inherit", () => {
    const value = jsonSnapshot(JSON.parse('{"__proto__":{"polluted":1}}')) as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.hasOwn(value, "__proto__")).toBe(true);
    expect("polluted" in value).toBe(false);
  });

  it("cannot be made of what has no JSON", () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    for (const value of [circle, { a: 1n }, undefined, () => 1]) expect(() => jsonSnapshot(value)).toThrow();
  });
});
