import { KeyPair } from "@attest/core";
import { beforeAll, describe, expect, it } from "vitest";
import { ConfirmationKeys } from "../src/possession/confirmation-keys.ts";

let jwk: Record<string, unknown>;
beforeAll(async () => {
  jwk = { ...(await KeyPair.generate()).toJwk() };
});

/** What a key is refused with. */
const refusal = (keys: ConfirmationKeys, of: Record<string, unknown>) =>
  keys.import(of).then(
    () => undefined,
    (error: { code: string }) => error.code,
  );

describe("a key that was vetted before", () => {
  it("is not prepared again", async () => {
    const keys = new ConfirmationKeys();
    const first = await keys.import(jwk);
    expect(await keys.import({ ...jwk })).toBe(first);
  });

  it("is vetted again if anything else is said of it: its use, what it may do, or its private half (K3, K6)", async () => {
    const keys = new ConfirmationKeys();
    await keys.import(jwk);
    expect(await refusal(keys, { ...jwk, use: "enc" })).toBe("key_not_accepted");
    expect(await refusal(keys, { ...jwk, key_ops: ["sign"] })).toBe("key_not_accepted");
    expect(await refusal(keys, { ...jwk, d: jwk["x"] })).toBe("key_not_accepted");
    expect(await refusal(keys, { ...jwk, alg: "ES256" })).toBe("key_not_accepted");
    expect(await refusal(keys, jwk)).toBeUndefined();
  });

  it("is refused each time if it was refused", async () => {
    const keys = new ConfirmationKeys();
    const weak = { ...jwk, x: "A".repeat(43) };
    expect(await refusal(keys, weak)).toBe("key_not_accepted");
    expect(await refusal(keys, weak)).toBe("key_not_accepted");
  });

  it("is not held if its JWK is long (T17)", async () => {
    const keys = new ConfirmationKeys();
    const long = { ...jwk, note: "x".repeat(1000) };
    expect(await keys.import(long)).not.toBe(await keys.import(long));
  });

  it("is forgotten when thousands came after it (T17)", async () => {
    const keys = new ConfirmationKeys();
    const first = await keys.import(jwk);
    for (let i = 0; i < 4096; i++) await keys.import({ ...jwk, kid: `${i}` });
    expect(await keys.import(jwk)).not.toBe(first);
    expect(await keys.import({ ...jwk, kid: "4095" })).toBe(await keys.import({ ...jwk, kid: "4095" }));
  });
});
