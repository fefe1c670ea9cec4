import type { RegisteredClaims } from "../claims/registered-claims.ts";
import type { TokenFormat } from "../trust/token-format.ts";
import { type Refusal, refusal } from "./refusal.ts";
import type { Judging, Recognised, Statement } from "./statement.ts";

/** When a token begins to be valid, under the name `validFrom`. */
type Begun = { validFrom: number };

/** §6 step 6, T19: not expired, and not dated ahead, by more than clocks may differ. */
export function checkTimes(facts: Judging & { readonly claims: RegisteredClaims }): Refusal | Begun {
  const { exp, iat = 0, nbf = iat } = facts.claims;
  return judge(exp, Math.max(iat, nbf), facts);
}

/** The same of a format in which `iat` says nothing about when a token begins to be valid. */
export function checkTimesByNotBefore(facts: Judging & { readonly claims: RegisteredClaims }): Refusal | Begun {
  const { exp, nbf = 0 } = facts.claims;
  return judge(exp, nbf, facts);
}

/** The same of a remembered attestation (T21). */
export function recheckTimes(facts: Judging & { readonly statement: Statement }): Refusal | Begun {
  const { claims, validFrom } = facts.statement;
  return judge(claims.exp, validFrom, facts);
}

function judge(exp: number, validFrom: number, { now, configuration: { clockTolerance } }: Judging): Refusal | Begun {
  if (now >= exp + clockTolerance) {
    const message = `The attestation expired ${now - exp} s ago (clockTolerance ${clockTolerance})`;
    return refusal("ERR_ATTESTATION_EXPIRED", message);
  }
  if (validFrom <= now + clockTolerance) return { validFrom };
  return refusal(
    "ERR_ATTESTATION_NOT_YET_VALID",
    `The attestation is valid in ${validFrom - now} s only (clockTolerance ${clockTolerance}): a clock is wrong, here or at its issuer`,
  );
}

/** §6 step 6, T18: it lives for some time, and not for longer than its format may. */
export function checkLifetime({
  claims,
  configuration,
  format,
}: Recognised & { readonly claims: RegisteredClaims & { readonly iat: number } }): Refusal | undefined {
  const lifetime = claims.exp - claims.iat;
  return lifetime > 0 && lifetime <= longestOf(format, configuration) ? undefined : lifetimeRefusal();
}

/**
 * The same of a foreign token, which need not say when it was issued: what is left of its life then counts. One that says
 * that it was issued later than now, as far as clocks agree, has no less time left for that.
 */
export function checkForeignLifetime({
  claims: { exp, iat },
  now,
  configuration,
  format,
}: Recognised & { readonly claims: RegisteredClaims }): Refusal | undefined {
  const latest = now + configuration.clockTolerance;
  const lifetime = exp - (iat === undefined ? latest : Math.min(iat, latest));
  const begins = iat === undefined || iat < exp;
  return begins && lifetime <= longestOf(format, configuration) ? undefined : lifetimeRefusal();
}

/** The longest lifetime that a format's tokens may have here, seconds. */
export function longestOf({ name }: TokenFormat, { maxLifetime }: Judging["configuration"]): number {
  return maxLifetime.get(name) ?? 0;
}

function lifetimeRefusal(): Refusal {
  return refusal("ERR_ATTESTATION_LIFETIME", "The attestation's lifetime is not within the limit of its format");
}
