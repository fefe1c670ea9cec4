import type { PublicJwk } from "../keys/jwk.ts";
import { type ClaimReader, IDENTIFIER } from "./claim-reader.ts";

/** Reads the agent's public key from `cnf.jwk`, for display: which members it has decides nothing. */
export function readConfirmationKey(reader: ClaimReader): PublicJwk | undefined {
  const jwk = reader.optionalObject("cnf")?.object("jwk");
  if (!jwk) return undefined;
  const optional = (["x", "y", "kid", "alg", "use"] as const).filter((name) => jwk.has(name));
  return Object.freeze({
    kty: jwk.text("kty", IDENTIFIER),
    crv: jwk.text("crv", IDENTIFIER),
    ...Object.fromEntries(optional.map((name) => [name, jwk.text(name, IDENTIFIER)])),
  });
}
