import { describe, expect, it } from "vitest";
import { inOrder, type Order } from "../src/checks/order.ts";
import { Refusal, refusal } from "../src/checks/refusal.ts";

interface Given {
  readonly token: string;
}
const findKey = ({ token }: Given): Refusal | { key: string } =>
  token === "" ? refusal("ERR_KEY_NOT_FOUND", "no key") : { key: `key of ${token}` };
const checkKey = ({ key }: Given & { readonly key: string }): Refusal | undefined =>
  key === "key of none" ? refusal("ERR_ATTESTATION_SIGNATURE", "none") : undefined;
const readLater = async ({ key }: { readonly key: string }): Promise<Refusal | { claims: string[] }> => ({
  claims: [key],
});

describe("an order of checks", () => {
  it("gives each check what those before it established, and ends with the first refusal", async () => {
    const order: Order<Given, Given & { key: string; claims: string[] }> = inOrder(findKey, checkKey, readLater);
    expect(await order({ token: "a" })).toEqual({ token: "a", key: "key of a", claims: ["key of a"] });
    expect(order({ token: "" })).toMatchObject({ code: "ERR_KEY_NOT_FOUND" });
    expect(order({ token: "none" })).toBeInstanceOf(Refusal);
  });

  it("takes from a check what that check found, and nothing that all objects of the process inherit (T11)", () => {
    const order: Order<Given, Given & { key: string }> = inOrder(findKey, checkKey, ({ token }: Given) => ({
      kid: token,
    }));
    const polluted = Object.prototype as { key?: string };
    polluted.key = "a key of an intruder";
    try {
      expect(order({ token: "a" })).toMatchObject({ key: "key of a", kid: "a" });
    } finally {
      delete polluted.key;
    }
  });

  it("is refused by the compiler where a check needs what no check before it establishes", () => {
    // @ts-expect-error checkKey needs the key that findKey establishes after it.
    const swapped: Order<Given, object> = inOrder(checkKey, findKey);
    // @ts-expect-error readLater needs a key, which nothing establishes.
    const without: Order<Given, object> = inOrder(readLater);
    // @ts-expect-error Nothing establishes claims.
    const promised: Order<Given, Given & { claims: string[] }> = inOrder(findKey, checkKey);
    expect([swapped, without, promised]).toHaveLength(3);
  });
});
