import { defineFormat } from "../checks/format-rules.ts";
import { ATTESTATION } from "../checks/in-order.ts";
import { MAX_LIFETIME, TYP } from "../claims/attestation-kinds.ts";
import { ATTESTATION_LIMITS } from "../jose/jws-limits.ts";
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from "../keys/algorithms.ts";
import { importVerificationKey } from "../keys/verification-key.ts";
import type { TokenFormat } from "../trust/token-format.ts";

/** An attestation of this protocol, bound to the agent's key (SPEC §2). */
export const attestation: TokenFormat = /* @__PURE__ */ defineFormat(
  () => ({
    name: "attestation",
    proof: "signature",
    lifetime: { usual: MAX_LIFETIME.attestation, most: MAX_LIFETIME.attestation },
    algorithms: byTheirNames(),
    usualAlgorithms: ["Ed25519"],
    limits: ATTESTATION_LIMITS,
    importKey: importVerificationKey,
  }),
  { recognises: ({ header }) => header.typ === TYP.attestation, keyUses: [undefined, "sig"], checks: ATTESTATION },
);

/** Every algorithm of this protocol, each under its own name. */
function byTheirNames(): ReadonlyMap<string, SigningAlgorithm> {
  return new Map(SIGNING_ALGORITHMS.map((name) => [name, name]));
}
