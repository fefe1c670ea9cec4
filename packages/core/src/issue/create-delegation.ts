import { digest } from "#crypto";
import type { Allow } from "../claims/allow.ts";
import { type AttestationClaims, readAttestationClaims } from "../claims/attestation-claims.ts";
import { MAX_LINKS, TYP } from "../claims/attestation-kinds.ts";
import { type DelegationClaims, readDelegationClaims } from "../claims/delegation-claims.ts";
import { type Clock, readClock, systemClock } from "../clock.ts";
import { optionError } from "../errors.ts";
import { ATTESTATION_LIMITS, CHAIN_LENGTH } from "../jose/jws-limits.ts";
import { readCompactJws } from "../jose/strict-jws.ts";
import type { PublicJwk } from "../keys/jwk.ts";
import type { Signer } from "../keys/signer.ts";
import { importVerificationKey } from "../keys/verification-key.ts";
import { vetPublicJwk } from "../keys/vet-public-jwk.ts";
import { type OptionNames, refuseUnknownOptions, wholeNumber } from "../options.ts";
import { signJws } from "./sign-jws.ts";

/** What a delegation is made of. */
export interface DelegationOptions {
  /** The attestation, or the chain, of the agent that delegates. */
  readonly parent: string;
  /** The key of that agent: the last key of `parent`. */
  readonly signer: Signer;
  /** The sub-agent's public key. The caller has checked that the sub-agent holds it. */
  readonly confirmationKey: PublicJwk;
  /** The servers at which the sub-agent may use it: 1–64 resource identifiers. */
  readonly audience: string | readonly string[];
  /** What the sub-agent may do. Default: everything that the parent may. `{}` allows nothing that is named. */
  readonly allow?: Allow;
  /** What people and logs call the sub-agent: 1–256 printable ASCII characters. */
  readonly name?: string;
  /** How many links may follow this one, 0–3. Default: one fewer than may follow the parent. */
  readonly depth?: number;
  /** Seconds. Default, and at most: until the parent expires. */
  readonly lifetime?: number;
  /** Unix seconds. Default: the machine's. */
  readonly clock?: Clock;
}

const OPTIONS: OptionNames<DelegationOptions> = {
  parent: true,
  signer: true,
  confirmationKey: true,
  audience: true,
  allow: true,
  name: true,
  depth: true,
  lifetime: true,
  clock: true,
};

/**
 * Delegates to a sub-agent: signs a link for its key, which lets it do as much as the parent may, or less (SPEC §21).
 *
 * It decides nothing about the sub-agent: authenticate it, and check that it holds its key, before you call this. Does no I/O other
 * than asking the signer.
 *
 * @returns The chain to give to the sub-agent: the parent, `~`, and the new link.
 * @throws AttestationError `ERR_OPTION` naming what a verifier would refuse, such as a parent that allows no more links or has expired,
 * or a chain that would be too long; `ERR_CLOCK` if the clock returns an invalid
 * time; or a code of `importVerificationKey` for the sub-agent's key. What the signer throws comes
 * through unchanged.
 */
export async function createDelegation(options: DelegationOptions): Promise<string> {
  refuseUnknownOptions(options, OPTIONS, "a delegation");
  const { parent, signer, confirmationKey, audience, allow, name, clock = systemClock } = options;
  const before = await readParent(parent, signer);
  const key = await importVerificationKey(confirmationKey);
  if (before.thumbprints.includes(key.thumbprint)) {
    throw optionError("confirmationKey", "is in the chain already: each sub-agent needs a key of its own");
  }
  const { iat, exp } = timesOf(options, before, readClock(clock));
  const claims = {
    parent: await digest(before.last),
    cnf: { jwk: vetPublicJwk(confirmationKey).jwk },
    iat,
    exp,
    jti: crypto.randomUUID(),
    depth: depthOf(options, before),
    aud: audience,
    allow,
    name,
  };
  const payload = JSON.stringify(claims);
  const { problem } = readDelegationClaims(JSON.parse(payload));
  if (problem !== undefined) throw optionError("claims", `of the delegation would not be accepted: ${problem}`);
  const header = JSON.stringify({ alg: signer.algorithm, typ: TYP.delegation });
  const link = await signJws(header, payload, signer, ATTESTATION_LIMITS);
  const room = CHAIN_LENGTH - parent.length - 1;
  if (link.length > room) {
    throw optionError(
      "parent",
      `leaves room for ${Math.max(room, 0)} characters, and the link has ${link.length}: a chain may have ${CHAIN_LENGTH}. ` +
        "Shorten `allow` or `audience`, or the attestation at its authority",
    );
  }
  return `${parent}~${link}`;
}

/** What a link may follow. */
interface Parent {
  /** The last JWS of it. */
  readonly last: string;
  readonly iat: number;
  readonly exp: number;
  /** Links that may follow. */
  readonly left: number;
  readonly thumbprints: readonly string[];
}

async function readParent(parent: string, signer: Signer): Promise<Parent> {
  const [root = "", ...links] = typeof parent === "string" ? parent.split("~") : [];
  const attested = readRoot(root);
  const claims = [attested, ...links.map(readLink)];
  const keys = await Promise.all(claims.map(({ cnf }) => importVerificationKey(cnf?.jwk as PublicJwk)));
  const thumbprints = keys.map(({ thumbprint }) => thumbprint);
  const own = await importVerificationKey(signer?.toJwk());
  if (own.thumbprint !== thumbprints.at(-1)) throw optionError("signer", "must be the last key of the parent");
  const { iat, exp } = claims.at(-1) as { iat: number; exp: number };
  const lastLink = claims.at(-1) as Partial<DelegationClaims>;
  const left = lastLink.depth ?? attested.attestationMetadata.maxDelegationDepth ?? MAX_LINKS;
  return { last: links.at(-1) ?? root, iat, exp, left, thumbprints };
}

function readRoot(root: string): AttestationClaims {
  const jws = readCompactJws(root, ATTESTATION_LIMITS);
  const { claims } = typeof jws === "string" ? {} : readAttestationClaims(jws.payload);
  if (typeof jws !== "string" && jws.header.typ === TYP.attestation && claims?.cnf) return claims;
  throw optionError("parent", "must be a bound attestation, or a chain that begins with one");
}

function readLink(link: string): DelegationClaims {
  const jws = readCompactJws(link, ATTESTATION_LIMITS);
  const { claims } = typeof jws === "string" ? {} : readDelegationClaims(jws.payload);
  if (typeof jws !== "string" && jws.header.typ === TYP.delegation && claims) return claims;
  throw optionError("parent", "has a link that cannot be read");
}

function depthOf({ depth }: DelegationOptions, { left }: Parent): number {
  if (left < 1) throw optionError("parent", "may not be delegated further (depth, max_delegation_depth)");
  return wholeNumber("depth", depth ?? left - 1, 0, left - 1);
}

function timesOf({ lifetime }: DelegationOptions, parent: Parent, now: number): { iat: number; exp: number } {
  const iat = Math.max(now, parent.iat);
  if (iat >= parent.exp) throw optionError("parent", "has expired: renew it before you delegate");
  if (lifetime === undefined) return { iat, exp: parent.exp };
  return { iat, exp: Math.min(iat + wholeNumber("lifetime", lifetime, 1, 3600, "whole seconds"), parent.exp) };
}
