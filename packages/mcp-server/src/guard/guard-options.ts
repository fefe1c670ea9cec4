import {
  AttestationVerifier,
  flag,
  type OptionNames,
  optionError,
  refuseUnknownOptions,
  VERIFIER_OPTIONS,
  type VerifierOptions,
  wholeNumber,
} from "@attest/core";

import { SignatureDemands, type SignedTargets } from "./signature-demands.ts";

/** What a guard takes besides the options of its verifier. */
export interface GuardSettings {
  /** Name the trusted issuers in answers. Default false: a stranger does not learn whom the server trusts. */
  readonly advertiseIssuers?: boolean;
  /**
   * `false`: report only. Everything passes, nothing counts as verified, and events say who would have been refused and
   * why. Handlers that use `requireAttestation` still refuse. For a server that is about to demand attestation. Default
   * true.
   */
  readonly enforce?: boolean;
  /**
   * For which messages this server demands a signature, where a MAC under a ticket would do otherwise: `true` for all, or the tools and
   * prompts by name and the resources by URI. A MAC proves to this server who called, and nothing to anybody else: demand signatures for what
   * must be shown to others. `requireAttestation({ signature: true })` is the last line behind it. Default: none.
   */
  readonly signatures?: true | SignedTargets;
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
        /** A verifier that other guards of this process share, so that each use is accepted once by all of them. */
        readonly verifier: AttestationVerifier;
        /** The one of the verifier's names that this guard answers to. Default: all of them. */
        readonly audience?: string;
      }
  );

/** The options with every default filled in. */
export interface GuardConfiguration extends Required<Omit<GuardSettings, "signatures">> {
  /** For which messages a signature is demanded. */
  readonly signatures: SignatureDemands;
  /** Verifies what messages bring. */
  readonly verifier: AttestationVerifier;
  /** The one of the verifier's names that this guard answers to; `undefined` for all of them. */
  readonly audience: string | undefined;
}

const SETTINGS: OptionNames<GuardSettings> = {
  advertiseIssuers: true,
  enforce: true,
  signatures: true,
  maxBody: true,
  maxSessions: true,
};

/**
 * Validates a guard's options.
 *
 * @throws AttestationError `ERR_OPTION`, naming the option.
 */
export function configureGuard(options: GuardOptions): GuardConfiguration {
  if (typeof options !== "object" || options === null) throw optionError("options", "of a guard must be an object");
  const { enforce = true, maxBody = 4 * 1024 * 1024, maxSessions = 100_000 } = options;
  const settings = {
    advertiseIssuers: flag("advertiseIssuers", options.advertiseIssuers),
    enforce: flag("enforce", enforce),
    signatures: new SignatureDemands(options.signatures),
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
  const own = { ...SETTINGS, verifier: true, audience: true };
  const other = [...Object.keys(options), ...verifierOptionNames(options)].find((name) => !Object.hasOwn(own, name));
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
  refuseUnknownOptions(options, { ...SETTINGS, verifier: true, ...VERIFIER_OPTIONS }, "a guard");
  const given = verifierOptionNames(options).map((name) => [name, options[name]]);
  const copy: VerifierOptions = Object.fromEntries(given);
  return typeof copy.isRevoked === "function" ? { ...copy, isRevoked: copy.isRevoked.bind(options) } : copy;
}

/** The verifier's options that an object has or inherits. */
function verifierOptionNames(options: object): (keyof VerifierOptions)[] {
  return (Object.keys(VERIFIER_OPTIONS) as (keyof VerifierOptions)[]).filter((name) => name in options);
}
