import type { RegisteredClaims } from "../claims/registered-claims.ts";
import { type Refusal, refusal } from "./refusal.ts";
import type { Judging, Recognised, Statement } from "./statement.ts";

/** §6 step 6, T19: not expired, and not dated ahead, by more than clocks may differ. */
export function checkTimes(facts: Judging & { readonly claims: RegisteredClaims }): Refusal | undefined {
  return judgeEnd(facts.claims, facts) ?? judgeBegin(facts.claims, facts);
}

/** The same of a remembered attestation (T21). */
export function recheckTimes({
  statement: { claims },
  ...judging
}: Judging & { readonly statement: Statement }): Refusal | undefined {
  return judgeEnd(claims, judging) ?? judgeBegin(claims, judging);
}

function judgeEnd({ exp }: RegisteredClaims, { now, configuration: { clockTolerance } }: Judging): Refusal | undefined {
  if (now < exp + clockTolerance) return undefined;
  const message = `The attestation expired ${now - exp} s ago (clockTolerance ${clockTolerance})`;
  return refusal("ERR_ATTESTATION_EXPIRED", message);
}

function judgeBegin(
  { iat = 0, nbf = iat }: RegisteredClaims,
  { now, configuration: { clockTolerance } }: Judging,
): Refusal | undefined {
  const begin = Math.max(iat, nbf);
  if (begin <= now + clockTolerance) return undefined;
  return refusal(
    "ERR_ATTESTATION_NOT_YET_VALID",
    `The attestation is valid in ${begin - now} s only (clockTolerance ${clockTolerance}): a clock is wrong, here or at its issuer`,
  );
}

/** §6 step 6, T18: it lives for some time, and not for longer than its format may. */
export function checkLifetime({
  claims,
  configuration,
  format,
}: Recognised & { readonly claims: RegisteredClaims & { readonly iat: number } }): Refusal | undefined {
  const lifetime = claims.exp - claims.iat;
  if (lifetime > 0 && lifetime <= (configuration.maxLifetime.get(format.name) ?? 0)) return undefined;
  return refusal("ERR_ATTESTATION_LIFETIME", "The attestation's lifetime is not within the limit of its format");
}
