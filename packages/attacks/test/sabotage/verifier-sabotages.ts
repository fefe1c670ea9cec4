import { createHmac, createPublicKey, verify } from "node:crypto";
import { posix } from "node:path";
import {
  type AttestationContext,
  type AttestationVerifier,
  importVerificationKey,
  type PublicJwk,
  type VerifierOptions,
} from "@attest/core";
import type { TestAuthority } from "@attest/core/testing";
import type { JwsLimits } from "../../../core/src/jose/jws-limits.ts";
import { askedOnce } from "./asked-once.ts";
import {
  type Check,
  type Facts,
  macOver,
  ofLastLink,
  only,
  type Replacement,
  skip,
  splitAnywhere,
} from "./replacements.ts";

type Json = Record<string, unknown>;

/** A verifier with one defence removed. */
export interface VerifierSabotage {
  readonly removed: string;
  /** The attack that must catch it. */
  readonly meant: string;
  /** Functions of core that are replaced by others. */
  readonly replaces?: Readonly<Record<string, Replacement>>;
  readonly options?: (authority: TestAuthority) => Partial<VerifierOptions>;
  readonly wrap?: (verifier: AttestationVerifier) => Pick<AttestationVerifier, "verify">;
  readonly admit?: () => boolean;
  /** Whether this machine needs the defence at all. Default: it does. */
  readonly applies?: () => boolean;
}

/** A check before which something is changed. */
const after =
  (change: (facts: Facts) => void): Replacement =>
  (real: Check) =>
  (facts: Facts) => {
    change(facts);
    return real(facts);
  };
/** A token that is in no other. */
const isOutermost = ({ outer }: Facts) => outer === undefined;
/** Entries of `allow` by their beginning alone. */
const byPrefix = (entries: readonly string[] = [], uri = "") =>
  entries.some((entry) => (entry.endsWith("*") ? uri.startsWith(entry.slice(0, -1)) : uri === entry));
/** Every algorithm's name means this one. */
const anyAlgorithm = { checkAlgorithm: () => () => ({ algorithm: "Ed25519" }) };

/** A reader of tokens without one of its rules; it still refuses a header that `stillRefused` names. */
function laxReader(
  rule: "header" | "base64" | "json" | "utf8" | "size",
  { of, stillRefused }: { of?: "ATTESTATION" | "PROOF"; stillRefused?: string } = {},
): Readonly<Record<string, Replacement>> {
  const bytesOf = (part: string) => Buffer.from(part.replace(/[\s=]/g, ""), "base64url");
  const jsonOf = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));
  const read = (token: string) => {
    const [header = "", payload = "", signature = ""] = token.split(".");
    return {
      header: jsonOf(bytesOf(header)),
      payload: jsonOf(bytesOf(payload)),
      signingInput: token.slice(0, token.lastIndexOf(".")),
      signature: bytesOf(signature),
    };
  };
  const forgiven = { header: "HEADER", base64: "ENCODING", json: "DUPLICATE_MEMBER", utf8: "JSON", size: "SIZE" };
  return {
    readCompactJws: (real) => (token: unknown, limits: JwsLimits) => {
      const strict = real(token, limits);
      if (strict !== forgiven[rule] || (of !== undefined && limits.credential !== of)) return strict;
      if (rule !== "base64") {
        const lax = read(token as string);
        return stillRefused !== undefined && stillRefused in lax.header ? strict : lax;
      }
      // What is signed is the canonical spelling: so do libraries that decode first and verify what they decoded.
      const parts = (token as string)
        .split(".")
        .slice(0, 3)
        .map((part) => bytesOf(part).toString("base64url"));
      return real(parts.join("."), limits);
    },
  };
}

const changeProof = (change: (payload: Json) => Json) => ({
  readProofClaims: (real: (payload: Json) => unknown) => (payload: Json) => real(change(payload)),
});
const changeClaims = (change: (payload: Json) => Json) => ({
  readClaims: after((facts) => {
    const { jws } = facts;
    facts.jws = { ...jws, payload: change(jws.payload) };
  }),
});
const changeKey = (...members: string[]) => ({
  vetPublicJwk: (real: (jwk: object) => unknown) => (jwk: object) =>
    real(Object.fromEntries(Object.entries(jwk).filter(([name]) => !members.includes(name)))),
});
/** The issuer of a token is found by another rule than equality. */
const issuerBy = (matches: (known: string, told: unknown) => boolean): Readonly<Record<string, Replacement>> => ({
  findIssuer: (real: Check) => (facts: Facts) => {
    const { issuers } = facts.configuration;
    const told = facts.jws.payload["iss"];
    const known = [...issuers.keys()].find((name) => matches(name, told));
    return known === undefined ? real(facts) : { issuer: issuers.get(known) };
  },
  ...changeClaims((payload) => ({ ...payload, iss: String([payload["iss"]].flat()[0]) })),
});

/** Later than any list. */
let newest = 2 ** 33;
/** A reader of status lists that expects something else, or that makes something else of what it read. */
const readsLists = ({
  expected: change = (expected) => expected,
  result = (list) => list,
}: {
  expected?: (expected: Facts, claims: Json) => Facts;
  result?: (list: Facts) => Facts;
}): Readonly<Record<string, Replacement>> => ({
  readStatusListToken: (real) => async (body: Uint8Array, expected: Facts) => {
    const [, payload = ""] = new TextDecoder().decode(body).split(".");
    return result(await real(body, change(expected, JSON.parse(Buffer.from(payload, "base64url").toString()))));
  },
});

const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
/** A curve library that reduces S before it verifies. */
function reduced(signature: Uint8Array): Uint8Array {
  let scalar = signature.slice(32).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n) % ORDER;
  return signature.map((byte, i) => {
    if (i < 32) return byte;
    const next = Number(scalar & 0xffn);
    scalar >>= 8n;
    return next;
  });
}

const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);
const believed = (token: unknown): AttestationContext =>
  ({ outcome: "verified", verified: true, trustLevel: "provider", token }) as unknown as AttestationContext;

/** Whether this Node verifies the identity's trivial signature, as those before 24 do. */
function takesSmallOrderKeys(): boolean {
  try {
    const jwk = { kty: "OKP", crv: "Ed25519", x: `AQ${"A".repeat(41)}` };
    const key = createPublicKey({ key: jwk, format: "jwk" });
    return verify(null, Buffer.from("anything"), key, Buffer.concat([Buffer.from([1]), Buffer.alloc(63)]));
  } catch {
    return false;
  }
}

/** One for each defence of the verifier that an attack is meant for. */
export const verifierSabotages: readonly VerifierSabotage[] = [
  // Signatures
  { removed: "an attestation's signature", meant: "token-tampering", replaces: { checkSignature: skip } },
  {
    removed: "whose signature it is",
    meant: "model-spoofing",
    replaces: {
      checkSignature: (real: Check) => async (facts: Facts) => {
        const { jwk } = facts.jws.payload["cnf"] as { jwk: PublicJwk };
        if ((await real(facts)) === undefined) return undefined;
        facts.key = await importVerificationKey(jwk);
        return real(facts);
      },
    },
  },
  {
    removed: "`none` is no algorithm",
    meant: "alg-none",
    replaces: { ...anyAlgorithm, checkSignature: only(({ jws }) => !/^none$/i.test(jws.header.alg)) },
  },
  {
    removed: "keys are typed",
    meant: "hmac-confusion",
    replaces: {
      ...anyAlgorithm,
      checkSignature: only(({ jws, configuration: { keyResolver } }) => {
        const { x = "" } = (keyResolver as unknown as { toJwks(i: string): { keys: PublicJwk[] } }).toJwks(
          String(jws.payload["iss"]),
        ).keys[0] as PublicJwk;
        const mac = createHmac("sha512", Buffer.from(x, "base64url")).update(jws.signingInput).digest();
        return !mac.equals(jws.signature);
      }),
    },
  },
  { removed: "`alg` is compared", meant: "algorithm-mismatch", replaces: anyAlgorithm },
  {
    removed: "a signature must be there",
    meant: "missing-signature",
    replaces: { checkSignature: only(({ jws }) => !isZero(jws.signature)) },
  },
  {
    removed: "no key from the header",
    meant: "embedded-key",
    replaces: {
      ...laxReader("header"),
      findKey: (real: Check) => async (facts: Facts) => {
        const { jwk } = facts.jws.header as { jwk?: PublicJwk };
        if (!jwk) return real(facts);
        facts.key = await importVerificationKey(jwk);
        return undefined;
      },
    },
  },
  {
    removed: "nothing named is fetched",
    meant: "remote-key",
    replaces: {
      ...laxReader("header"),
      findKey: (real: Check) => async (facts: Facts) => {
        const { jku, kid } = facts.jws.header as { jku?: string; kid?: string };
        if (jku === undefined) return real(facts);
        const { keys } = (await (await fetch(jku)).json()) as { keys: PublicJwk[] };
        facts.key = await importVerificationKey(keys.find((key) => key.kid === kid) as PublicJwk);
        return undefined;
      },
    },
  },
  {
    removed: "a `kid` is opaque",
    meant: "kid-injection",
    options: ({ keyResolver }) => ({
      keyResolver: { resolve: (issuer, kid) => keyResolver.resolve(issuer, posix.normalize(kid)) },
    }),
  },
  {
    removed: "S below the order",
    meant: "malleable-attestation",
    replaces: {
      checkSignature: after((a) => {
        a.jws = { ...a.jws, signature: reduced(a.jws.signature) };
      }),
    },
  },
  {
    removed: "S below the order, in proofs",
    meant: "malleable-proof",
    replaces: {
      checkProofSignature: after((a) => {
        a.proof = { ...a.proof, signature: reduced(a.proof.signature) };
      }),
    },
  },
  // Structure
  { removed: "no `crit`", meant: "critical-extension", replaces: laxReader("header", { stillRefused: "b64" }) },
  { removed: "no `b64`", meant: "unencoded-payload", replaces: laxReader("header", { stillRefused: "crit" }) },
  {
    removed: "an attestation's `typ`",
    meant: "type-confusion",
    replaces: {
      recognise: () => (facts: Facts) => ({
        format: facts.configuration.formats.find(({ name }: { name: string }) => name === "attestation"),
      }),
    },
  },
  {
    removed: "a proof is no attestation",
    meant: "proof-as-attestation",
    wrap: (verifier) => ({
      verify: async (token, request) =>
        token !== undefined && token === request?.proof ? believed(token) : verifier.verify(token, request),
    }),
  },
  { removed: "duplicate members", meant: "duplicate-members", replaces: laxReader("json") },
  {
    removed: "own members only",
    meant: "prototype-claims",
    replaces: changeClaims((payload) => ({
      ...(Object.entries(payload).find(([name]) => name === "__proto__")?.[1] as Json),
      ...payload,
    })),
  },
  { removed: "strict UTF-8", meant: "odd-payload", replaces: laxReader("utf8") },
  {
    removed: "one spelling of an attestation",
    meant: "respelled-attestation",
    replaces: laxReader("base64", { of: "ATTESTATION" }),
  },
  { removed: "one spelling of a proof", meant: "respelled-proof", replaces: laxReader("base64", { of: "PROOF" }) },
  {
    removed: "a limit of size",
    meant: "oversized-token",
    // Of what is too large no hash is made: that alone would refuse it.
    replaces: {
      ...laxReader("size"),
      limitProblem: skip,
      checkProofAttestation: only(({ tokenHash }) => tokenHash !== undefined),
    },
  },
  {
    removed: "what is there was presented",
    meant: "untyped-credentials",
    options: () => ({ policy: "optional" }),
    wrap: (verifier) => ({
      verify: (token, request) =>
        typeof token === "string" ? verifier.verify(token, request) : verifier.verify(undefined),
    }),
  },
  // Claims
  {
    removed: "the characters of identifiers",
    meant: "lookalike-identifiers",
    replaces: changeClaims(({ jti, ...payload }) => ({ ...payload, jti: String(jti).replace(/[^\x21-\x7e]/gu, "") })),
  },
  {
    removed: "an issuer's exact name",
    meant: "issuer-typosquatting",
    replaces: issuerBy((known, told) => known === String(told).toLowerCase().replace(/\/$/, "")),
  },
  {
    removed: "an issuer is a text",
    meant: "issuer-shape",
    replaces: issuerBy((known, told) => Array.isArray(told) && told.includes(known)),
  },
  {
    removed: "no patterns in trust",
    meant: "issuer-pattern",
    replaces: issuerBy((known, told) => new RegExp(`^${known}$`).test(String(told))),
  },
  { removed: "a limit of life", meant: "endless-life", replaces: { checkLifetime: skip } },
  { removed: "`exp`", meant: "expired-attestation", replaces: { checkTimes: only((a) => a.claims.iat > a.now) } },
  {
    removed: "`iat` and `nbf`",
    meant: "premature-attestation",
    replaces: { checkTimes: only((a) => a.claims.exp < a.now) },
  },
  { removed: "an attestation's audience", meant: "foreign-audience", replaces: { checkAudience: skip } },
  { removed: "a subject's form", meant: "subject-shape", replaces: { checkSubject: skip } },
  { removed: "trust domains by issuer", meant: "provenance-forgery", replaces: { checkTrustDomain: skip } },
  { removed: "an issuer's kind", meant: "self-promotion", replaces: { checkAttestationType: skip } },
  { removed: "the version", meant: "version-downgrade", replaces: { checkVersion: skip } },
  { removed: "no bearer without opt-in", meant: "bearer-masquerade", options: () => ({ allowBearer: true }) },
  {
    removed: "a key in an attestation",
    meant: "keyless-attestation",
    replaces: {
      checkConfirmationKey: (real: Check) => (facts: Facts) => {
        if (facts.claims.cnf) return real(facts);
        const { issuer, claims } = facts;
        const singleUse = { issuer: issuer.issuer, id: claims.jti, issuedAt: claims.iat, madeAt: claims.iat };
        return { format: { ...facts.format, proof: "none" }, singleUse };
      },
      chooseAudience: () => () => ({ audience: "" }),
    },
  },
  // Keys
  {
    removed: "small-order points",
    meant: "small-order-key",
    replaces: { isUnsafePoint: () => () => false },
    applies: takesSmallOrderKeys,
  },
  { removed: "private material", meant: "private-key-attested", replaces: changeKey("d") },
  { removed: "what a key is for", meant: "key-of-another-use", replaces: changeKey("use", "key_ops", "alg") },
  // Proofs
  { removed: "a proof's signature", meant: "stolen-attestation", replaces: { checkProofSignature: skip } },
  {
    removed: "a proof must be signed",
    meant: "unsigned-proof",
    replaces: { checkProofSignature: only(({ proof }) => !isZero(proof.signature)) },
  },
  {
    removed: "a proof's `alg`",
    meant: "proof-algorithm",
    replaces: { checkProofType: only(({ proof }) => proof.header.typ !== "agent-attestation-pop+jwt") },
  },
  { removed: "a proof's `typ`", meant: "proof-confusion", replaces: { checkProofType: skip } },
  {
    removed: "a proof at all",
    meant: "proof-stripping",
    wrap: (verifier) => ({
      verify: async (token, request) =>
        token !== undefined && request?.proof === undefined ? believed(token) : verifier.verify(token, request),
    }),
  },
  {
    removed: "no proof without an attestation",
    meant: "proof-alone",
    options: () => ({ policy: "optional" }),
    wrap: (verifier) => ({
      verify: (token, request) => (token === undefined ? verifier.verify(undefined) : verifier.verify(token, request)),
    }),
  },
  { removed: "`att_hash`", meant: "proof-for-another-attestation", replaces: { checkProofAttestation: skip } },
  { removed: "a proof's digest", meant: "changed-message", replaces: { checkProofDigest: skip } },
  { removed: "a proof's carrier", meant: "partial-proof", replaces: { checkProofCarrier: skip } },
  { removed: "a proof's window", meant: "proof-out-of-time", replaces: { checkProofTime: skip } },
  {
    removed: "a proof's time is whole",
    meant: "proof-of-odd-times",
    replaces: changeProof((payload) => ({ ...payload, iat: Math.floor(Number(payload["iat"])) })),
  },
  {
    removed: "chance in a `jti`",
    meant: "guessable-proof",
    replaces: changeProof((payload) => ({ ...payload, jti: String(payload["jti"]).padEnd(16, "x") })),
  },
  {
    removed: "a proof's audience",
    meant: "audience-mismatch",
    replaces: {
      checkProofAudience: () => (facts: Facts) => ({ audience: facts.proofClaims.aud }),
    },
  },
  {
    removed: "a proof is for one server",
    meant: "proof-for-two-servers",
    replaces: changeProof((payload) => ({ ...payload, aud: [payload["aud"]].flat()[0] })),
  },
  {
    removed: "everything about the key of a proof",
    meant: "attestation-swap",
    replaces: { checkProofSignature: skip, checkProofAttestation: skip },
  },
  // Replays and policy
  { removed: "single use", meant: "token-replay", replaces: { consumeProof: skip, consumeToken: skip } },
  {
    removed: "one step to consume a use",
    meant: "parallel-replay",
    options: () => {
      const used = new Set<string>();
      return {
        replayCache: {
          scope: "shared",
          consume: async ({ key }) => {
            const first = !used.has(key);
            // As far away as a store over a network: whoever comes meanwhile sees nothing yet.
            await new Promise((resolve) => setTimeout(resolve, 100));
            used.add(key);
            return first;
          },
        },
      };
    },
  },
  {
    removed: "a use is known by its meaning",
    meant: "reused-identifier",
    replaces: {
      consumeProof: after((a) => {
        a.proofClaims = { ...a.proofClaims, jti: Buffer.from(a.proof.signature).toString("base64url") };
      }),
    },
  },
  {
    removed: "status lists are asked",
    meant: "revoked-by-list",
    replaces: { checkStatus: () => () => ({ status: undefined }) },
  },
  {
    removed: "a status is demanded",
    meant: "status-elsewhere",
    replaces: {
      checkStatus: (real: Check) => (facts: Facts) => (facts.claims.status ? real(facts) : { status: undefined }),
    },
  },
  {
    removed: "a list is one of its issuer's",
    meant: "status-elsewhere",
    options: () => ({ statusSource: { check: () => "valid" } }),
    replaces: {
      checkStatus: (real: Check) => (facts: Facts) => {
        const { issuer, claims } = facts;
        const uri = claims.status?.statusList.uri;
        return real({ ...facts, issuer: { ...issuer, statusLists: uri === undefined ? issuer.statusLists : [uri] } });
      },
    },
  },
  {
    removed: "an index beyond the list is not valid",
    meant: "status-out-of-range",
    options: () => ({ statusSource: { check: (_issuer, { idx }) => (idx === 1 ? "revoked" : "valid") } }),
  },
  {
    removed: "a list is no older than one before",
    meant: "status-rollback",
    replaces: readsLists({ result: (list) => ({ ...list, issuedAt: ++newest }) }),
  },
  {
    removed: "a list is signed by its issuer",
    meant: "status-foreign-list",
    replaces: readsLists({
      expected: ({ keyResolver, ...expected }) => ({
        ...expected,
        keyResolver: {
          resolve: async (issuer: string, kid: string) => {
            const { algorithm } = await keyResolver.resolve(issuer, kid);
            return { kid, algorithm, verify: async () => true };
          },
        },
      }),
    }),
  },
  {
    removed: "a list is for its own address",
    meant: "status-foreign-list",
    replaces: readsLists({ expected: (expected, claims) => ({ ...expected, uri: claims["sub"] }) }),
  },
  {
    removed: "a list is of its own issuer",
    meant: "status-foreign-list",
    replaces: readsLists({
      expected: ({ keyResolver, ...expected }, claims) => ({
        ...expected,
        ...{
          issuer: claims["iss"] ?? expected.issuer,
          keyResolver: { resolve: (_: string, kid: string) => keyResolver.resolve(expected.issuer, kid) },
        },
      }),
    }),
  },
  {
    removed: "decompression stops at a bound",
    meant: "status-inflation",
    replaces: { inflate: (real) => (compressed: Uint8Array) => real(compressed, Number.POSITIVE_INFINITY) },
  },
  {
    removed: "a list ends",
    meant: "status-stale",
    replaces: readsLists({
      expected: (expected, claims) => ({ ...expected, now: claims["iat"] }),
      result: (list) => ({ ...list, expiresAt: list.expiresAt + 86_400 }),
    }),
  },
  {
    removed: "a list ages by the time that really passes",
    meant: "status-frozen-clock",
    replaces: { configure: (real) => (options: object) => ({ ...real(options), stopwatch: () => 0 }) },
  },
  {
    removed: "a status that cannot be told is not valid",
    meant: "status-unavailable",
    options: ({ verifierOptions }) => ({
      statusSource: {
        check: async (issuer, reference) => {
          try {
            return (await verifierOptions.statusSource?.check(issuer, reference)) ?? "valid";
          } catch {
            return "valid";
          }
        },
      },
    }),
  },
  {
    removed: "revocation is asked about each time",
    meant: "revoked-attestation",
    options: ({ verifierOptions }) => askedOnce(verifierOptions),
  },
  // Nested attestations
  { removed: "one key for both layers", meant: "nested-for-another-key", replaces: { checkSameKey: skip } },
  { removed: "one model in both layers", meant: "nested-for-another-model", replaces: { checkSameAgent: skip } },
  { removed: "the times of a nested layer", meant: "nested-expired", replaces: { checkTimes: only(isOutermost) } },
  {
    removed: "the signature of a nested layer",
    meant: "nested-forged",
    replaces: { checkSignature: only(isOutermost) },
  },
  {
    removed: "who may be a nested layer's issuer",
    meant: "nested-of-an-unlisted-issuer",
    replaces: {
      findIssuer: (real: Check) => (facts: Facts) =>
        isOutermost(facts) ? real(facts) : { issuer: facts.outer.configuration.issuers.values().next().value },
      checkSignature: only(isOutermost),
    },
  },
  // Delegations
  { removed: "a link's signature", meant: "delegation-to-oneself", replaces: { checkLinkSignatures: skip } },
  { removed: "a link's parent", meant: "delegation-spliced", replaces: { checkParents: skip } },
  { removed: "depth counts down", meant: "delegation-too-deep", replaces: { checkDepths: skip } },
  { removed: "the authority's limit of links", meant: "delegation-forbidden", replaces: { checkDepths: skip } },
  {
    removed: "a server's limit of links",
    meant: "delegation-of-many",
    replaces: { splitChain: splitAnywhere, checkDepths: skip },
  },
  { removed: "a link within its parent's time", meant: "delegation-outlives", replaces: { checkLinkTimes: skip } },
  { removed: "a link's expiry", meant: "delegation-expired", replaces: { checkLinkTimes: skip } },
  { removed: "a key once in a chain", meant: "delegation-back", replaces: { checkKeysOnce: skip } },
  {
    removed: "a link's audience",
    meant: "delegation-elsewhere",
    replaces: { checkLinkAudiences: skip, notAttesting: () => () => undefined },
  },
  { removed: "what a chain allows", meant: "delegation-other-tool", replaces: { checkScope: skip } },
  {
    removed: "what every link allows",
    meant: "delegation-widened",
    replaces: { checkScope: ofLastLink },
  },
  { removed: "dot segments meet no prefix", meant: "delegation-dot-segments", replaces: { allowsUri: () => byPrefix } },
  { removed: "encoded dots meet no prefix", meant: "delegation-encoded-dots", replaces: { allowsUri: () => byPrefix } },
  {
    removed: "a closed table of methods",
    meant: "delegation-other-method",
    replaces: { checkScope: only((facts) => !/^logging/.test(facts.request.method)) },
  },
  {
    removed: "no tool as a task",
    meant: "delegation-as-a-task",
    replaces: {
      checkScope: (real: Check) => (facts: Facts) => {
        const { request } = facts;
        return real({ ...facts, request: { ...request, params: { ...request.params, task: undefined } } });
      },
    },
  },
  {
    removed: "unknown members of allow",
    meant: "delegation-unknown-limit",
    replaces: { readAllow: () => () => undefined },
  },
  { removed: "the last key's proof", meant: "delegation-stolen", replaces: { checkProofSignature: skip } },
  {
    removed: "the algorithm of a link's key",
    meant: "delegation-other-algorithm",
    replaces: { checkLinkAlgorithms: skip },
  },
  {
    removed: "the root's revocation",
    meant: "delegation-of-the-revoked",
    replaces: { checkChainRevocation: skip },
  },
  // Tickets and MAC proofs
  { removed: "a MAC", meant: "stolen-ticket", replaces: { checkMac: skip } },
  {
    removed: "a secret ring",
    meant: "ticket-of-another-ring",
    options: ({ verifierOptions: { tickets } }) => ({
      tickets: { ring: [...(tickets ? (tickets.ring ?? []) : []), new Uint8Array(32)] },
    }),
  },
  { removed: "whose ticket it is", meant: "ticket-of-another-agent", replaces: { checkTicketHolder: skip } },
  {
    removed: "a ticket's audience",
    meant: "ticket-of-another-server",
    replaces: { checkTicketAudience: () => (facts: Facts) => ({ audience: facts.configuration.audiences[0] }) },
  },
  { removed: "a ticket's end", meant: "expired-ticket", replaces: { checkTicketTime: skip } },
  { removed: "a MAC's message", meant: "mac-for-another-message", replaces: { checkMacDigest: skip } },
  {
    removed: "a MAC's session",
    meant: "mac-in-another-session",
    replaces: macOver(({ sessionId: _, ...request }) => request),
  },
  {
    removed: "a MAC's access token",
    meant: "mac-with-another-token",
    replaces: macOver(({ accessToken: _, ...request }) => request),
  },
  {
    removed: "a MAC's method",
    meant: "mac-for-another-method",
    replaces: macOver((request) => ({ ...request, method: "GET" })),
  },
  { removed: "a MAC's time", meant: "stale-mac", replaces: { checkMacTime: skip } },
  {
    removed: "one spelling of a MAC proof",
    meant: "respelled-mac",
    replaces: {
      readMac: after((facts) => {
        facts.request = { ...facts.request, proof: String(facts.request.proof).replace(/[=\s]/g, "") };
      }),
    },
  },
  {
    removed: "a proof's algorithm and signature",
    meant: "symmetric-proof",
    replaces: { checkProofType: skip, checkProofSignature: skip },
  },
  { removed: "the use of MAC proofs", meant: "mac-replay", replaces: { consumeMac: skip } },
  {
    removed: "revocation of who has a ticket",
    meant: "ticket-after-revocation",
    options: ({ verifierOptions }) => askedOnce(verifierOptions),
  },
  // Tokens of a SPIFFE trust domain
  {
    removed: "one audience of a JWT-SVID",
    meant: "svid-for-another",
    replaces: { checkSoleAudience: skip, chooseAudience: () => () => ({ audience: "" }) },
  },
  { removed: "single use of a JWT-SVID", meant: "svid-replay", replaces: { consumeToken: skip } },
  {
    removed: "a proof with a WIT",
    meant: "wit-without-proof",
    wrap: (verifier) => ({
      verify: async (token, request) =>
        token !== undefined && request?.proof === undefined ? believed(token) : verifier.verify(token, request),
    }),
  },
  { removed: "no key in a JWT-SVID", meant: "wit-as-svid", replaces: { checkUnbound: skip } },
  {
    removed: "what a bundle's key is for",
    meant: "bundle-confusion",
    replaces: {
      rulesOf: (real) => (format: unknown) => ({ ...real(format), keyUses: { includes: () => true } }),
    },
  },
  { removed: "the policy `required`", meant: "downgrade", options: () => ({ policy: "optional" }) },
  { removed: "an operation's own demand", meant: "safety-downgrade", admit: () => true },
];
