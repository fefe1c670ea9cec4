import {
  AttestationVerifier,
  optionError,
  refuseUnknownOptions,
  VERIFIER_OPTIONS,
  type VerifierOptions,
} from "@attest/core";

/** What a guard is told besides the options of its verifier. */
export interface GuardSettings {
  /** Name the trusted issuers in answers. Default false: a stranger does not learn whom the server trusts. */
  readonly advertiseIssuers?: boolean;
  /**
   * `false`: report only. Everything passes, nothing counts as verified, and events say who would have been refused and
   * why. Handlers that use `requireAttestation` still refuse. For a server that is about to demand attestation. Default
   * true.
   */
  readonly enforce?: boolean;
  /** Largest HTTP body that a gate reads, in bytes, from 1024 to 1 GiB. A larger one is answered with 413. Default 4 MiB. */
  readonly maxBody?: number;
  /** HTTP sessions whose owners a gate keeps, from 1 to 10,000,000. Beyond, the one that is idle longest must initialize again. Default 100,000. */
  readonly maxSessions?: number;
}

/**
 * The options of a guard: those of a verifier, or a verifier that several guards share.
 *
 * Servers with names of their own that run in one process each need a guard of their own, and share one verifier:
 * `{ verifier, audience }`. A single guard with both names would accept at each server what is meant for the other.
 */
export type GuardOptions = GuardSettings &
  (
    | (VerifierOptions & { readonly verifier?: never })
    | {
        readonly verifier: AttestationVerifier;
        /** The one of the verifier's names that this guard answers to. Default: all of them. */
        readonly audience?: string;
      }
  );

/** The options with every default filled in. */
export interface GuardConfiguration extends Required<GuardSettings> {
  readonly verifier: AttestationVerifier;
  readonly audience: string | undefined;
}

const SETTINGS: Readonly<Record<keyof GuardSettings, true>> = {
  advertiseIssuers: true,
  enforce: true,
  maxBody: true,
  maxSessions: true,
};
const SETTING_NAMES = Object.keys(SETTINGS);

/**
 * Validates a guard's options.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function configureGuard(options: GuardOptions): GuardConfiguration {
  if (typeof options !== "object" || options === null) throw optionError("options", "of a guard must be an object");
  const { advertiseIssuers = false, enforce = true, maxBody = 4 * 1024 * 1024, maxSessions = 100_000 } = options;
  if (typeof advertiseIssuers !== "boolean") throw optionError("advertiseIssuers", "must be true or false");
  if (typeof enforce !== "boolean") throw optionError("enforce", "must be true or false");
  const settings = {
    advertiseIssuers,
    enforce,
    maxBody: wholeNumber("maxBody", maxBody, 1024, 1024 ** 3),
    maxSessions: wholeNumber("maxSessions", maxSessions, 1, 10_000_000),
  };
  if ("verifier" in options) return { ...settings, ...sharedVerifier(options as SharedVerifier) };
  return {
    ...settings,
    verifier: new AttestationVerifier(verifierOptionsIn(options as VerifierOptions)),
    audience: undefined,
  };
}

type SharedVerifier = Extract<GuardOptions, { readonly verifier: AttestationVerifier }>;

function sharedVerifier(options: SharedVerifier) {
  const { verifier, audience } = options;
  const own = new Set([...SETTING_NAMES, "verifier", "audience"]);
  const other = [...Object.keys(options), ...VERIFIER_OPTIONS.filter((name) => name in options)].find(
    (name) => !own.has(name),
  );
  if (other !== undefined) {
    throw optionError("verifier", `has its own options: remove ${other}, or give the options without a verifier`);
  }
  if (typeof verifier?.verify !== "function") throw optionError("verifier", "must be an AttestationVerifier");
  const { audiences } = verifier.configuration;
  if (audience !== undefined && !audiences.includes(audience)) {
    throw optionError("audience", `must be one of the verifier's own: ${audiences.join(", ")}`);
  }
  return { verifier, audience };
}

/** Picks the verifier's options, inherited ones included: to lose an inherited `isRevoked` would turn revocation off. */
function verifierOptionsIn(options: VerifierOptions): VerifierOptions {
  refuseUnknownOptions(options, [...SETTING_NAMES, "verifier", ...VERIFIER_OPTIONS], "a guard");
  const given = VERIFIER_OPTIONS.filter((name) => name in options).map((name) => [name, options[name]]);
  const copy: VerifierOptions = Object.fromEntries(given);
  return typeof copy.isRevoked === "function" ? { ...copy, isRevoked: copy.isRevoked.bind(options) } : copy;
}

function wholeNumber(option: string, value: number, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw optionError(option, `must be a whole number from ${least} to ${most}`);
  }
  return value;
}
