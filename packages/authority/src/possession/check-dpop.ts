import { digest, type PublicJwk, type ReplayCache, type VerificationKey } from "@attest/core";
import { EmbeddedJWK, errors, type JWTVerifyResult, jwtVerify } from "jose";
import { Problem } from "../problem.ts";
import { importConfirmationKey } from "./check-possession.ts";

/** Seconds for which a proof can be presented, and by which the clocks may differ. */
const PROOF_WINDOW = 60;
const CLOCK_TOLERANCE = 30;
const MAX_PROOF = 4096;

/** What a DPoP proof is checked against. */
export interface DpopContext {
  /** The token endpoint's addresses, as clients have them configured. */
  readonly addresses: readonly string[];
  readonly used: ReplayCache;
  /** Unix seconds. */
  readonly now: number;
}

/**
 * Checks the DPoP proof of a token request (RFC 9449 §4.3) and uses it up: the key is proved to be held by anyone who sends this
 * request, to this authority, now.
 *
 * @throws Problem `invalid_request` without a proof, `possession_not_proved`, `key_not_accepted`.
 */
export async function checkDpop(
  header: string | null,
  { addresses, used, now }: DpopContext,
): Promise<{ key: VerificationKey; jwk: PublicJwk }> {
  if (header === null) {
    throw new Problem("invalid_request", "A DPoP proof is required: its key is the one that is attested");
  }
  const { payload, protectedHeader } = await verifySignature(header, now);
  const { htm, htu, jti, iat } = payload;
  if (htm !== "POST") throw notProved("`htm` is not POST");
  if (typeof htu !== "string" || !addresses.includes(withoutQuery(htu))) {
    throw notProved(`\`htu\` is not ${addresses.join(" or ")}`);
  }
  if (typeof jti !== "string" || jti === "" || jti.length > 256) throw notProved("it has no `jti`");
  if (typeof iat !== "number" || iat > now + CLOCK_TOLERANCE || iat <= now - PROOF_WINDOW - CLOCK_TOLERANCE) {
    throw notProved("it was not made just now (`iat`)");
  }
  const jwk = protectedHeader.jwk as unknown as PublicJwk;
  const key = await importConfirmationKey(jwk as unknown as Record<string, unknown>);
  const issuedAt = Math.floor(iat);
  const first = await used.consume({
    key: (await digest(JSON.stringify(["dpop", key.thumbprint, jti]))).slice(0, 22),
    now,
    issuedAt,
    expiresAt: issuedAt + PROOF_WINDOW + CLOCK_TOLERANCE + 1,
    notBefore: issuedAt,
    holder: key.thumbprint,
    clockTolerance: CLOCK_TOLERANCE,
    nodeSkew: 0,
  });
  if (first !== true) throw notProved("it was used before");
  return { key, jwk };
}

async function verifySignature(proof: string, now: number): Promise<JWTVerifyResult> {
  if (proof.length > MAX_PROOF || proof.includes(",")) throw notProved("there must be exactly one");
  try {
    return await jwtVerify(proof, EmbeddedJWK, {
      typ: "dpop+jwt",
      algorithms: ["Ed25519", "EdDSA", "ES256"],
      currentDate: new Date(now * 1000),
      clockTolerance: CLOCK_TOLERANCE,
    });
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) {
      throw notProved("it is no dpop+jwt signed with Ed25519 or ES256 by the key in its header");
    }
    throw error;
  }
}

/** RFC 9449 §4.3: compared without query and fragment. */
function withoutQuery(htu: string): string {
  if (!URL.canParse(htu)) return "";
  const url = new URL(htu);
  url.search = "";
  url.hash = "";
  return url.href;
}

function notProved(why: string): Problem {
  return new Problem("possession_not_proved", `The DPoP proof is not accepted: ${why}`);
}
