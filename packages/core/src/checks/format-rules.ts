import { optionError } from "../errors.ts";
import type { CompactJws } from "../jose/strict-jws.ts";
import type { MaybePromise } from "../maybe-promise.ts";
import type { TokenFormat } from "../trust/token-format.ts";
import type { Refusal } from "./refusal.ts";
import type { Assessed, Recognised } from "./statement.ts";

/** How tokens of a format are recognised and checked. */
export interface FormatRules {
  /** Whether a token calls itself one of this format. */
  recognises(jws: CompactJws): boolean;
  /** What the `use` of a key may say that signs tokens of this format. */
  readonly keyUses: readonly (string | undefined)[];
  /** The ordered checks of §6 steps 2–6, after the token was read and recognised. */
  readonly checks: (given: Recognised) => MaybePromise<Refusal | Assessed>;
}

/** Kept apart from the formats, so that no configuration can bring in rules of its own. */
const rules = new WeakMap<TokenFormat, FormatRules>();

/**
 * Makes a format out of what the world may know of it and the rules that only verifiers follow.
 *
 * @param describe Makes the format. A function, so that bundlers can leave out a format that nobody uses.
 */
export function defineFormat(describe: () => TokenFormat, rulesOfIt: FormatRules): TokenFormat {
  const frozen = Object.freeze(describe());
  rules.set(frozen, rulesOfIt);
  return frozen;
}

/**
 * The rules of a format.
 *
 * @throws AttestationError `ERR_OPTION` if the value is no format of this package.
 */
export function rulesOf(format: TokenFormat): FormatRules {
  const found = rules.get(format);
  if (found) return found;
  throw optionError(
    "trustedIssuers.formats",
    'must be "attestation", "bearer", or a format of @attest/core/formats/*, such as spiffeJwtSvid',
  );
}
