import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { inOrder, type Order } from "../src/checks/order.ts";
import { Refusal, refusal } from "../src/checks/refusal.ts";
import { beginToken } from "../src/checks/statement.ts";
import { beginUse } from "../src/checks/use.ts";
import { createTestAuthority } from "../src/testing/index.ts";
import { USES } from "../src/uses/registry.ts";
import { assessStatement } from "../src/verify/assess-statement.ts";
import { AttestationVerifier } from "../src/verify/attestation-verifier.ts";

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

  it("has a place for each fact from the start, since facts that grow become a slow hash table", async () => {
    const authority = await createTestAuthority();
    const { configuration } = new AttestationVerifier({ ...authority.verifierOptions, allowBearer: true });
    const judging = { configuration, now: authority.clock(), load: { verifying: 1 }, chained: false };
    for (const token of [await authority.attest(), await authority.attestBearer()]) {
      const facts = beginToken(judging, token);
      const places = Object.keys(facts);
      const statement = await assessStatement(facts);
      if (statement instanceof Refusal) throw new Error(statement.message);
      expect(Object.keys(facts)).toEqual(places);
      const bound = statement.format.proof === "signature";
      const request = { kind: "message", method: "ping" } as const;
      const shown = bound ? { ...request, proof: await authority.prove(token, request) } : request;
      const use = beginUse(
        judging,
        statement,
        shown,
        statement.format.proof,
        bound ? createHash("sha256").update(token).digest("base64url") : undefined,
      );
      const usePlaces = Object.keys(use);
      expect(await USES[statement.format.proof].checks(use)).toBe(use);
      expect(Object.keys(use)).toEqual(usePlaces);
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
