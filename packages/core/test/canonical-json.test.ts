import { messageDigest } from "@attest/core";
import canonicalize from "canonicalize";
import { anything, assert, type JsonValue, jsonValue, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../src/jose/canonical-json.ts";

describe("the canonical form", () => {
  it("is that of RFC 8785 as another implementation writes it (SPEC-3.7)", () => {
    assert(
      property(jsonValue({ noUnicodeString: false }), (value: JsonValue) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
      }),
      { numRuns: 2000 },
    );
  });

  it("is the same for what is in order already, which the platform writes (SPEC-3.14)", () => {
    assert(
      property(jsonValue({ noUnicodeString: false }), (value: JsonValue) => {
        const text = canonicalize(value) as string;
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
      { numRuns: 2000 },
    );
    const deep = (levels: number) => JSON.parse(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`);
    expect([canonicalJson(deep(64)) !== undefined, canonicalJson(deep(65))]).toEqual([true, undefined]);
    expect(canonicalJson({ a: { toJSON: () => "something else" } })).toBeUndefined();
    expect(canonicalJson([undefined])).toBeUndefined();
    expect(canonicalJson({ a: undefined, b: -0 })).toBe('{"b":0}');
  });

  it("is undefined or a text for any value, and never throws", () => {
    assert(property(anything(), (value) => ["string", "undefined"].includes(typeof canonicalJson(value))));
  });

  it.each([
    ["a number that is not finite", { n: Number.NaN }],
    ["an unpaired surrogate", { s: "\ud800" }],
    ["a class instance", { d: new Date() }],
    ["a function", { f: () => 1 }],
  ])("is undefined for %s (SPEC-3.9)", (_, value) => {
    expect(canonicalJson(value)).toBeUndefined();
  });

  it("keeps `__proto__` as a name like any other (T11, SPEC-3.9)", () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":1}}'))).toBe('{"__proto__":{"a":1},"b":1}');
  });
});

describe("the digest of a message", () => {
  const digestOf = (params: unknown) => messageDigest({ kind: "message", method: "m", params });

  it("leaves out this protocol's keys and the trace context, and nothing else of `_meta` (SPEC-3.8)", async () => {
    const plain = await digestOf({ a: 1 });
    expect(await digestOf({ a: 1, _meta: { "io.github.attest/proof": "x", traceparent: "y" } })).toBe(plain);
    expect(await digestOf({ a: 1, _meta: {} })).toBe(plain);
    expect(await digestOf({ a: 1, _meta: { progressToken: 1 } })).not.toBe(plain);
    expect(await digestOf({})).toBe(await digestOf(undefined));
  });

  it.each([[null], [[]], ["text"], [1]])("is undefined for %j as params (SPEC-3.9)", async (params) => {
    expect(await digestOf(params)).toBeUndefined();
  });
});
