import type { PublicJwk } from "../keys/jwk.ts";
import { type ClaimReader, IDENTIFIER } from "./claim-reader.ts";

/**
 * Reads the agent's public key from `cnf.jwk`, for display: which members it has decides nothing.
 *
 * @param needed The member that must be there, next to `kty`.
 */
export function readConfirmationKey(reader: ClaimReader, needed: "crv" | "alg" = "crv"): PublicJwk | undefined {
  const jwk = reader.optionalObject("cnf")?.object("jwk");
  if (!jwk) return undefined;
  const optional = (["crv", "x", "y", "kid", "alg", "use"] as const).filter((name) => name !== needed && jwk.has(name));
  return Object.freeze({
    kty: jwk.text("kty", IDENTIFIER),
    [needed]: jwk.text(needed, IDENTIFIER),
    ...Object.fromEntries(optional.map((name) => [name, jwk.text(name, IDENTIFIER)])),
  });
}
