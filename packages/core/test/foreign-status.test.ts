import { AttestationVerifier, type KeyPair } from "@attest/core";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type ForeignKey,
  foreignKey,
  ISSUER,
  MESSAGE,
  prove,
  svid,
  trusting,
  wit,
  workloadKey,
} from "./foreign-authority.ts";
import { LIST, statusesOf } from "./status-support.ts";

let key: ForeignKey;
let workload: KeyPair;
beforeAll(async () => {
  [key, workload] = await Promise.all([foreignKey("ES256", "ec"), workloadKey()]);
});

const at = (idx: number, uri = LIST) => ({ status: { status_list: { idx, uri } } });

/** A verifier that trusts an issuer of foreign tokens, with one list, where index 1 is revoked. */
function verifierWith(use: string, statusOptional: boolean) {
  const { source, asked } = statusesOf(({ idx }) => (idx === 1 ? "revoked" : "valid"));
  const options = trusting([key.toJwk(use)], undefined, { statusLists: [LIST], statusOptional });
  return { verifier: new AttestationVerifier({ ...options, statusSource: source }), asked };
}

describe.each([true, false])("a foreign token of an issuer with status lists, statusOptional %s", (statusOptional) => {
  it("is asked about: a WIT with each message (S1, SPEC-18.1, SPEC-18.8)", async () => {
    const { verifier, asked } = verifierWith("wit-svid", statusOptional);
    const codeOf = async (claims: Record<string, unknown>) => {
      const token = await wit(key, workload, claims);
      const outcomes = [];
      for (let i = 0; i < 2; i++) {
        const result = await verifier.verify(token, { ...MESSAGE, proof: await prove(token, workload) });
        outcomes.push("code" in result ? result.code : result.outcome);
      }
      return outcomes;
    };
    expect(await codeOf(at(0))).toEqual(["verified", "verified"]);
    expect(asked).toEqual([`${ISSUER} ${LIST} 0`, `${ISSUER} ${LIST} 0`]);
    expect(await codeOf(at(1))).toEqual(["ERR_REVOKED", "ERR_REVOKED"]);
    expect(await codeOf(at(0, `${LIST}0`))).toEqual(["ERR_CLAIM_REQUIRED", "ERR_CLAIM_REQUIRED"]);
    const without = statusOptional ? "verified" : "ERR_CLAIM_REQUIRED";
    expect(await codeOf({})).toEqual([without, without]);
    expect(await codeOf({ status: null })).toEqual(["ERR_ATTESTATION_CLAIMS", "ERR_ATTESTATION_CLAIMS"]);
  });

  it("is asked about: a JWT-SVID when it opens a session, and while that goes on (S1, SPEC-18.1, SPEC-18.8)", async () => {
    const { verifier, asked } = verifierWith("jwt-svid", statusOptional);
    const session = await verifier.verify(await svid(key, at(0)));
    if (!session.verified) throw new Error(session.outcome);
    expect(await verifier.recheck(session)).toBeUndefined();
    expect(asked).toHaveLength(2);
    expect(await verifier.verify(await svid(key, at(1)))).toMatchObject({ code: "ERR_REVOKED" });
  });
});
