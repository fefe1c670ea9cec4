import { TYP } from "../claims/attestation-kinds.ts";
import type { CompactJws } from "../jose/strict-jws.ts";
import type { Algorithm } from "../keys/foreign-algorithms.ts";
import { isKid } from "../keys/jwk.ts";
import type { TokenFormat } from "../trust/token-format.ts";
import { rulesOf } from "./format-rules.ts";
import { type Refusal, refusal } from "./refusal.ts";
import { checkRoot } from "./root.ts";
import type { Presented, Recognised } from "./statement.ts";

/** §6 step 2: `typ` tells the format, exactly (T9); only one that an issuer may issue is looked for (T23). */
export function recognise({
  jws,
  configuration,
  chained,
}: Presented & { readonly jws: CompactJws }): Refusal | { format: TokenFormat } {
  const refused = checkRoot(!chained || jws.header.typ === TYP.attestation);
  if (refused) return refused;
  const format = configuration.formats.find((candidate) => rulesOf(candidate).recognises(jws));
  if (format) return { format };
  // Known to every verifier, so that the message to its operator can say what to set.
  if (jws.header.typ === "JWT") {
    return refusal("ERR_BEARER_NOT_ALLOWED", "Bearer attestations are not accepted here (allowBearer)");
  }
  if (jws.header.typ === undefined) return refusal("ERR_ATTESTATION_HEADER", "The attestation has no typ");
  return refusal("ERR_ATTESTATION_TYP", "The attestation's typ is not one of an attestation");
}

/** §6 step 2: `alg` is in the format's list. */
export function checkAlgorithm({ jws, format }: Recognised): Refusal | { algorithm: Algorithm } {
  const algorithm = format.algorithms.get(jws.header.alg);
  if (algorithm !== undefined) return { algorithm };
  return refusal("ERR_ATTESTATION_ALG", "The attestation's alg is not one of its format");
}

/** §6 step 2: `kid` is there, since keys are found by it alone (T6). */
export function checkKid({ jws }: Recognised): Refusal | { kid: string } {
  const { kid } = jws.header;
  return isKid(kid)
    ? { kid }
    : refusal("ERR_ATTESTATION_HEADER", "The attestation's kid is not 1–256 visible ASCII characters");
}
