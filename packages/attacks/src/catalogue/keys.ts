import { encodeBase64url, KeyPair, type Signer } from "@attest/core";
import type { Attack } from "../attack.ts";
import { SMALL_ORDER_POINTS, trivialSignature } from "../forge/small-order.ts";
import { presented } from "../stage/define-attack.ts";
import { bare, each, minted } from "../stage/forgers.ts";
import type { Json } from "../stage/situation.ts";

const INVALID = ["attestation_invalid"] as const;
const AUTHORITY = "talks an authority that the server trusts into attesting a key of its choice";

/** Keys in attestations that must not prove anything. */
export const keyAttacks: readonly Attack[] = [
  presented(
    {
      id: "small-order-key",
      name: "A key that everybody has",
      category: "forgery",
      threat: "K2",
      attacker: AUTHORITY,
      description: "A confirmation key of small order, for which a signature of zeros holds for any message",
      defence: "small-order and non-canonical points are refused as keys",
      expected: INVALID,
      needs: ["authority"],
    },
    each(SMALL_ORDER_POINTS, (point) => async (s) => {
      const jwk = { kty: "OKP", crv: "Ed25519", x: encodeBase64url(point) };
      const attestation = await s.minted({ claims: (c) => ({ ...c, cnf: { jwk } }) });
      const signer: Signer = {
        kid: "none",
        algorithm: "Ed25519",
        sign: trivialSignature,
        toJwk: () => jwk,
      };
      return { attestation, proof: await s.prove(attestation, { signer }) };
    }),
  ),
  presented(
    {
      id: "private-key-attested",
      name: "A private key for everybody to read",
      category: "disclosure",
      threat: "K3",
      attacker: AUTHORITY,
      description: "A confirmation key with its private half, which anyone who sees the attestation could use",
      defence: "private material in `cnf` is refused",
      expected: INVALID,
      needs: ["authority"],
    },
    {
      "a key made for this": async (s) => {
        const signer = await KeyPair.generate();
        const jwk = await signer.toPrivateJwk();
        const attestation = await s.minted({ claims: (c) => ({ ...c, cnf: { jwk } }) });
        return { attestation, proof: await s.prove(attestation, { signer }) };
      },
    },
  ),
  presented(
    {
      id: "key-of-another-use",
      name: "A key for something else",
      category: "confusion",
      threat: "K6",
      attacker: AUTHORITY,
      description: "A confirmation key that says that it is for another use, operation, algorithm or curve",
      defence: "`use`, `key_ops`, `alg` and `crv` must allow verifying",
      expected: INVALID,
      needs: ["authority"],
    },
    each<Json>(
      {
        "for encryption": { use: "enc" },
        "to encrypt": { key_ops: ["encrypt"] },
        "of another algorithm": { alg: "RS256" },
        "of another curve": { crv: "X25519" },
        "a shared secret": { kty: "oct", k: "c2VjcmV0" },
        "of another length": { x: "AQ" },
      },
      (change) => async (s) => minted({ claims: (c) => ({ ...c, cnf: { jwk: { ...bare(s.signer), ...change } } }) })(s),
    ),
  ),
];
