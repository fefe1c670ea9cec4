import { digest } from "#crypto";
import { MAX_LINKS, TYP } from "../claims/attestation-kinds.ts";
import { readDelegationClaims } from "../claims/delegation-claims.ts";
import { ATTESTATION_LIMITS, CHAIN_LENGTH } from "../jose/jws-limits.ts";
import { type CompactJws, readCompactJws } from "../jose/strict-jws.ts";
import { isSigningAlgorithm } from "../keys/algorithms.ts";
import type { PublicJwk } from "../keys/jwk.ts";
import type { VerificationKey } from "../keys/verification-key.ts";
import { after, all, type MaybePromise } from "../maybe-promise.ts";
import { takeHolderKey } from "./claims.ts";
import type { Link } from "./link.ts";
import { Refusal, refusal, shown } from "./refusal.ts";
import { askWhetherRevoked } from "./revocation.ts";
import { isSignedBy } from "./signature.ts";
import type { Delegation, Judging, Statement } from "./statement.ts";

/** What a verifier remembers of links and roots. */
export interface ChainMemory {
  /** A link whose signature held before. */
  link(hash: string): Link | undefined;
  /** Holds a link whose signature held now, while the rest goes on. */
  hold(link: Link): void;
  /** Assesses the root, or takes up what is cached of it. */
  root(token: string, hash: string): MaybePromise<Refusal | Statement>;
}

/** A chain as it was presented. */
export interface PresentedChain extends Judging {
  readonly token: string;
  /** Whether a proof came with it. */
  readonly proved: boolean;
  readonly memory: ChainMemory;
}

type Split = PresentedChain & { readonly texts: readonly string[] };
type Hashed = Split & { readonly hashes: readonly string[] };
/** A link, and its JWS where its signature is still to be verified. */
type ReadLink = { readonly link: Link; readonly jws: CompactJws | undefined };
type Read = Hashed & { readonly read: readonly ReadLink[] };
/** A chain of which the root stands. */
export type Rooted = Read & { readonly root: Statement };
/** What is known of every chain of which the root stands, also of a cached one. */
export interface Linked {
  readonly root: Statement;
  readonly read: readonly Pick<ReadLink, "link">[];
}

/** Whether a token is a chain: no compact JWS has a `~`. */
export function isChain(token: unknown): token is string {
  return typeof token === "string" && token.includes("~");
}

/** §21: chains are accepted here, of so many links. */
export function splitChain({ token, configuration }: PresentedChain): Refusal | { texts: readonly string[] } {
  const { maxDelegationDepth } = configuration;
  if (maxDelegationDepth === 0) {
    return refusal("ERR_DELEGATION_NOT_ALLOWED", "Delegations are not accepted here (maxDelegationDepth)");
  }
  if (token.length > CHAIN_LENGTH) return refusal("ERR_ATTESTATION_SIZE", "The chain is longer than allowed");
  const texts = token.split("~");
  const links = texts.length - 1;
  if (links <= maxDelegationDepth && links <= MAX_LINKS) return { texts };
  return refusal(
    "ERR_DELEGATION_NOT_ALLOWED",
    `The chain has ${links} links (maxDelegationDepth ${maxDelegationDepth})`,
  );
}

/** §21: a chain needs a proof, and costs nothing without one. */
export function checkChainProof({ proved }: PresentedChain): Refusal | undefined {
  return proved ? undefined : refusal("ERR_PROOF_REQUIRED", "A delegation needs a proof");
}

/** The hash of each JWS, by which the next one names it and by which it is remembered. */
export function takeHashes({ texts }: Split): MaybePromise<{ hashes: readonly string[] }> {
  return after(all(texts.map((text) => digest(text))), (hashes) => ({ hashes }));
}

/** §21: each link can be read, says what it is, and has a key fit to be one. No signature is verified yet. */
export function readLinks({ texts, hashes, memory }: Hashed): MaybePromise<Refusal | { read: readonly ReadLink[] }> {
  const links = texts.slice(1).map((text, i) => {
    const hash = hashes[i + 1] as string;
    const known = memory.link(hash);
    return known ? { link: known, jws: undefined } : readLink(text, hash);
  });
  return after(all(links), (read) => {
    const refused = read.find((one) => one instanceof Refusal);
    return refused instanceof Refusal ? refused : { read: read as ReadLink[] };
  });
}

function readLink(text: string, hash: string): MaybePromise<Refusal | ReadLink> {
  const jws = readCompactJws(text, ATTESTATION_LIMITS);
  if (typeof jws === "string") return refusal("ERR_DELEGATION_FORMAT", "A link of the chain is not a readable JWS");
  const { typ, alg, kid } = jws.header;
  if (typ !== TYP.delegation || kid !== undefined) {
    return refusal("ERR_DELEGATION_HEADER", "A link's header is not exactly the typ of a delegation, and alg");
  }
  const { claims, problem } = readDelegationClaims(jws.payload);
  if (problem !== undefined) return refusal("ERR_DELEGATION_CLAIMS", `A link's claims are malformed: ${problem}`);
  // The key as it was sent: what the claims leave out of it could be its private half.
  return after(takeHolderKey((jws.payload["cnf"] as { jwk: PublicJwk }).jwk), (found) => {
    if (found instanceof Refusal) return refusal("ERR_DELEGATION_KEY", "A link's key (cnf.jwk) is not usable as one");
    const key = found.holderKey;
    const { name, exp, allow } = claims;
    const told = Object.freeze({
      ...(name !== undefined && { name }),
      keyThumbprint: key.thumbprint,
      expiresAt: exp,
      ...(allow && { allow }),
    });
    return { link: { hash, algorithm: alg, claims, key, told }, jws };
  });
}

/** §21: each link names the one JWS before it. */
export function checkParents({ read, hashes }: Read): Refusal | undefined {
  if (read.every(({ link }, i) => link.claims.parent === hashes[i])) return undefined;
  return refusal("ERR_DELEGATION_PARENT", "A link is for another parent than the one before it (parent)");
}

/** §21: each link may be used at one of this server's names; at which is for the proof to say. */
export function checkLinkAudiences({ read, configuration: { audiences } }: Read): Refusal | undefined {
  const elsewhere = read.find(({ link }) => !link.claims.aud.some((audience) => audiences.includes(audience)));
  if (!elsewhere) return undefined;
  const { aud } = elsewhere.link.claims;
  return refusal(
    "ERR_DELEGATION_AUDIENCE",
    `A link is for the audience ${shown(aud)}; this server is ${shown(audiences)} (audience)`,
  );
}

/** Steps 1–6 of the root, or what is asked again of a cached one. Whether it is revoked is asked after the links. */
export function takeRoot({ texts, hashes, memory }: Read): MaybePromise<Refusal | { root: Statement }> {
  return after(memory.root(texts[0] as string, hashes[0] as string), (root) =>
    root instanceof Refusal ? root : { root },
  );
}

/** §21: there may be so many links after each, by the root's authority and by everyone who delegates. */
export function checkDepths({ root, read }: Rooted): Refusal | undefined {
  let left = root.claims.attestationMetadata?.maxDelegationDepth ?? MAX_LINKS;
  for (const { link } of read) {
    if (link.claims.depth >= left) {
      return refusal("ERR_DELEGATION_DEPTH", "A link may not follow what is before it (depth, max_delegation_depth)");
    }
    left = link.claims.depth;
  }
  return undefined;
}

/** §21: every key is in a chain once: nobody delegates to themselves or back. */
export function checkKeysOnce({ root, read }: Rooted): Refusal | undefined {
  const thumbprints = [root.holderKey, ...read.map(({ link }) => link.key)].map((key) => key?.thumbprint);
  if (new Set(thumbprints).size === thumbprints.length) return undefined;
  return refusal("ERR_DELEGATION_KEY", "A key is in the chain twice");
}

/** §21: the algorithm of each link is that of the key before it, and accepted from agents. */
export function checkLinkAlgorithms({ root, read, configuration }: Rooted): Refusal | undefined {
  const fits = read.every(({ link }, i) => {
    const algorithm = keyBefore(root, read, i)?.algorithm;
    const accepted = algorithm !== undefined && isSigningAlgorithm(algorithm);
    return accepted && configuration.proofAlgorithms.includes(algorithm) && link.algorithm === algorithm;
  });
  return fits
    ? undefined
    : refusal("ERR_DELEGATION_HEADER", "A link's alg is not that of the key before it, or not accepted");
}

/** §21, T19: no link begins before or ends after the one before it, and none has expired. */
export function checkLinkTimes({
  root,
  read,
  now,
  configuration: { clockTolerance },
}: Judging & Linked): Refusal | undefined {
  let before: { readonly iat?: number; readonly exp: number } = root.claims;
  for (const { link } of read) {
    const { iat, exp } = link.claims;
    const begins = iat >= (before.iat ?? 0) - clockTolerance && iat <= now + clockTolerance;
    if (!begins || exp <= iat || exp > before.exp) {
      return refusal(
        "ERR_DELEGATION_TIMES",
        "A link's times are not within those of the one before it, or in the future",
      );
    }
    if (now >= exp + clockTolerance) {
      return refusal("ERR_DELEGATION_EXPIRED", `A link expired ${now - exp} s ago (clockTolerance ${clockTolerance})`);
    }
    before = link.claims;
  }
  return undefined;
}

/** §21: the key before each link signed it. From the root on, so that a forged link costs one verification. */
export async function checkLinkSignatures({ root, read, load, memory }: Rooted): Promise<Refusal | undefined> {
  for (const [i, { link, jws }] of read.entries()) {
    if (!jws) continue;
    const key = keyBefore(root, read, i);
    if (!key || (await isSignedBy(key, jws, load)) !== true) {
      return refusal("ERR_DELEGATION_SIGNATURE", "A link's signature is not that of the key before it");
    }
    memory.hold(link);
  }
  return undefined;
}

/** §21: neither the root nor, by what the server's own list says of them, a link was revoked. */
export function checkChainRevocation({
  root,
  read,
  configuration,
}: Judging & Linked): MaybePromise<Refusal | undefined> {
  const delegation = read.map(({ link }) => link.told);
  const ask = (statement: Statement): MaybePromise<Refusal | undefined> =>
    after(askWhetherRevoked(configuration, statement.claims, { delegation }), (refused) =>
      refused || !statement.nested ? refused : ask(statement.nested),
    );
  return ask(root);
}

/** The statement of a chain: the root's in every member, except for the key that proofs are made with and when it ends. */
export function statementOfChain({ root, hashes, read }: Rooted): Statement {
  const links = read.map(({ link }) => link);
  const last = links.at(-1) as Link;
  const delegation: Delegation = { root, rootHash: hashes[0] as string, links, told: links.map(({ told }) => told) };
  return { ...root, holderKey: last.key, expiresAt: Math.min(root.expiresAt, last.claims.exp), delegation };
}

function keyBefore(root: Statement, read: readonly ReadLink[], i: number): VerificationKey | undefined {
  return i === 0 ? root.holderKey : read[i - 1]?.link.key;
}
