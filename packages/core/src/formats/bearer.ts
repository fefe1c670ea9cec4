import { defineFormat } from "../checks/format-rules.ts";
import { BEARER_ATTESTATION } from "../checks/in-order.ts";
import { MAX_LIFETIME, TYP } from "../claims/attestation-kinds.ts";
import { ATTESTATION_LIMITS } from "../jose/jws-limits.ts";
import { importVerificationKey } from "../keys/verification-key.ts";
import type { TokenFormat } from "../trust/token-format.ts";

/** A bearer attestation of 0.1.0, which anyone who holds a copy can present, once (SPEC §2). */
export const bearer: TokenFormat = /* @__PURE__ */ defineFormat(
  () => ({
    name: "bearer",
    proof: "none",
    lifetime: { usual: MAX_LIFETIME.bearer, most: MAX_LIFETIME.bearer },
    algorithms: new Map([
      ["EdDSA", "Ed25519"],
      ["Ed25519", "Ed25519"],
    ]),
    usualAlgorithms: ["Ed25519"],
    limits: ATTESTATION_LIMITS,
    importKey: importVerificationKey,
  }),
  { recognises: ({ header }) => header.typ === TYP.bearer, keyUses: [undefined, "sig"], checks: BEARER_ATTESTATION },
);
