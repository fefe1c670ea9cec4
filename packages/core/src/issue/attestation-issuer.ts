import { toSpiffeId } from "../claims/agent-identity.ts";
import { type AttestationClaims, readAttestationClaims, writeAttestationClaims } from "../claims/attestation-claims.ts";
import {
  type AttestationKind,
  BACKDATE,
  DEFAULT_LIFETIME,
  MAX_LIFETIME,
  TYP,
  VERSION,
} from "../claims/attestation-kinds.ts";
import type { AttestationMetadata } from "../claims/attestation-metadata.ts";
import { trustDomainOf } from "../claims/spiffe-id.ts";
import { type Clock, systemClock } from "../clock.ts";
import { AttestationError, optionError } from "../errors.ts";
import type { IssuanceEvent } from "../events.ts";
import { OWN_FORMATS } from "../formats/registry.ts";
import { ATTESTATION_LIMITS } from "../jose/jws-limits.ts";
import { isKid } from "../keys/jwk.ts";
import type { Signer } from "../keys/signer.ts";
import { importVerificationKey } from "../keys/verification-key.ts";
import { vetPublicJwk } from "../keys/vet-public-jwk.ts";
import { assertObserver, begin, notify, type Observer } from "../observer.ts";
import { type OptionNames, refuseUnknownOptions } from "../options.ts";
import { profileOf } from "../trust/profile.ts";
import { assertKnownMembers } from "./assert-known-members.ts";
import { assertNestable } from "./assert-nestable.ts";
import { type AttestationRequest, REQUEST_OPTIONS } from "./attestation-request.ts";
import { signJws } from "./sign-jws.ts";

/** What an issuer of attestations is made of. */
export interface AttestationIssuerOptions {
  /** The authority's name: `iss`, by which verifiers know it, 1–2048 visible ASCII characters. */
  readonly issuer: string;
  /** A signer, or a store that says for each attestation which is current. */
  readonly signer: Signer | { current(): Signer };
  /** Seconds, from 1 to 3600; a bearer attestation lives for at most 900 of them. Default 300. */
  readonly tokenLifetime?: number;
  /** Unix seconds. Default: the machine's. */
  readonly clock?: Clock;
  /** Notified of each attestation asked for, issued or not. Default: nobody. */
  readonly observer?: Observer;
}

const OPTIONS: OptionNames<AttestationIssuerOptions> = {
  issuer: true,
  signer: true,
  tokenLifetime: true,
  clock: true,
  observer: true,
};

/**
 * Issues attestations. It does not authenticate the caller or check the identity it is given; do both before you call it.
 *
 * @example
 * ```ts
 * import { AttestationIssuer, KeyPair, type PublicJwk } from "@attest/core";
 *
 * declare const agentKey: PublicJwk; // the caller has seen the agent prove that it holds this key
 * const authority = new AttestationIssuer({ issuer: "https://authority.example", signer: await KeyPair.generate() });
 * const identity = { modelFamily: "example", modelVersion: "example-1", provider: "example" };
 * const attestation = await authority.createToken({ identity, confirmationKey: agentKey });
 * ```
 */
export class AttestationIssuer {
  /** The authority's name: `iss` of everything it issues. */
  readonly issuer: string;
  readonly #signer: { current(): Signer };
  readonly #lifetime: number;
  readonly #clock: Clock;
  readonly #observer: Observer | undefined;

  /**
   * It does not check what it is given: authenticate the caller and check the identity before you call `createToken`.
   *
   * @throws AttestationError `ERR_OPTION`, naming the option.
   */
  constructor(options: AttestationIssuerOptions) {
    refuseUnknownOptions(options, OPTIONS, "an authority");
    const { issuer, signer, tokenLifetime = DEFAULT_LIFETIME, clock = systemClock, observer } = options;
    if (typeof issuer !== "string" || !/^[\x21-\x7e]{1,2048}$/.test(issuer)) {
      throw optionError("issuer", "must be 1–2048 visible ASCII characters");
    }
    if (typeof clock !== "function") throw optionError("clock", "must be a function");
    this.issuer = issuer;
    this.#signer = storeOf(signer);
    this.#lifetime = lifetimeWithin("tokenLifetime", tokenLifetime, "attestation");
    this.#clock = clock;
    assertObserver(observer);
    this.#observer = observer;
  }

  /**
   * Makes an attestation.
   *
   * @returns The compact JWS.
   * @throws AttestationError `ERR_OPTION` naming what is unknown or a verifier would not accept, or a code of
   * `importVerificationKey` for the confirmation key. What the signer throws comes through unchanged.
   */
  async createToken(request: AttestationRequest): Promise<string> {
    const started = performance.now();
    const end = begin(this.#observer, { name: "issue" });
    const kind: AttestationKind = request?.bearer === true ? "bearer" : "attestation";
    const profile = profileOf(OWN_FORMATS[kind]);
    const report = (outcome: Pick<IssuanceEvent, "outcome" | "code">): void => {
      const duration = (performance.now() - started) / 1000;
      const event: IssuanceEvent = {
        type: "issuance",
        format: kind,
        profile,
        issuer: this.issuer,
        duration,
        ...outcome,
      };
      end(event);
      notify(this.#observer, event);
    };
    try {
      const token = await this.#create(request, kind);
      report({ outcome: "issued" });
      return token;
    } catch (error) {
      report({ outcome: "failed", ...(error instanceof AttestationError && { code: error.code }) });
      throw error;
    }
  }

  async #create(request: AttestationRequest, kind: AttestationKind): Promise<string> {
    refuseUnknownOptions(request, REQUEST_OPTIONS, "an attestation");
    const { identity, integrity, audience, status } = request;
    assertKnownMembers(request);
    const lifetime = lifetimeWithin("lifetime", request.lifetime ?? this.#defaultLifetime(kind), kind);
    const cnf = await confirmation(request, kind);
    if (request.nested !== undefined) await assertNestable(request.nested, request);
    const iat = Math.floor(this.#clock()) - BACKDATE;
    const metadata = metadataOf(request);
    if (kind === "bearer" && (identity.enterprise || metadata.nestedAttestation !== undefined)) {
      throw optionError(
        "identity.enterprise and metadata.nestedAttestation",
        "cannot be in a 0.1.0 bearer attestation",
      );
    }
    const claims: AttestationClaims = {
      iss: this.issuer,
      sub: request.subject ?? toSpiffeId(identity, request.trustDomain),
      ...(audience !== undefined && { aud: audience }),
      iat,
      nbf: iat,
      exp: iat + lifetime,
      jti: crypto.randomUUID(),
      agentIdentity: identity,
      ...(integrity && { agentIntegrity: integrity }),
      attestationMetadata: {
        attestationType: request.nested === undefined ? "provider" : "enterprise",
        safetyLevel: "standard",
        capabilitiesDeclared: [],
        ...metadata,
        attestationVersion: VERSION[kind],
      },
      ...(cnf && { cnf }),
      ...(status && { status: { statusList: status } }),
    };
    const payload = JSON.stringify(writeAttestationClaims(claims));
    assertAcceptable(payload, kind);
    const signer = this.#signer.current();
    if (!isKid(signer?.kid)) throw optionError("signer", "must have a kid of 1–256 visible ASCII characters");
    const alg = kind === "bearer" ? bearerAlgorithm(signer) : signer.algorithm;
    return signJws(JSON.stringify({ alg, kid: signer.kid, typ: TYP[kind] }), payload, signer, ATTESTATION_LIMITS);
  }

  #defaultLifetime(kind: AttestationKind): number {
    return Math.min(this.#lifetime, MAX_LIFETIME[kind]);
  }
}

/** What is said of the attestation itself, wherever the request has it. */
function metadataOf({ metadata = {}, nested, maxDelegationDepth }: AttestationRequest): Partial<AttestationMetadata> {
  return {
    ...metadata,
    ...(nested !== undefined && { nestedAttestation: nested }),
    ...(maxDelegationDepth !== undefined && { maxDelegationDepth }),
  };
}

function storeOf(signer: Signer | { current(): Signer }): { current(): Signer } {
  const { current, sign } = (signer ?? {}) as Partial<Signer & { current(): Signer }>;
  if (typeof current === "function") return signer as { current(): Signer };
  if (typeof sign === "function") return { current: () => signer as Signer };
  throw optionError("signer", "must be a Signer, or have a current function that returns one");
}

/** The name that 0.1.0 knows. */
function bearerAlgorithm({ algorithm }: Signer): string {
  if (algorithm !== "Ed25519") throw optionError("signer", "must be an Ed25519 key for bearer attestations");
  return "EdDSA";
}

async function confirmation(request: AttestationRequest, kind: AttestationKind): Promise<AttestationClaims["cnf"]> {
  const { confirmationKey } = request;
  if (kind === "bearer") {
    if (confirmationKey !== undefined) throw optionError("confirmationKey", "cannot go with bearer");
    if (request.audience === undefined) throw optionError("audience", "must be given for a bearer attestation");
    return undefined;
  }
  if (confirmationKey === undefined) {
    throw optionError(
      "confirmationKey",
      "must be the agent's public key; a bearer attestation must be asked for by name",
    );
  }
  // Really imported where there are two coordinates: a point of P-256 can have the right size and not be on its curve. Of an
  // Ed25519 key, importing looks at nothing that is not vetted below.
  if (confirmationKey?.y) await importVerificationKey(confirmationKey);
  return { jwk: vetPublicJwk(confirmationKey).jwk };
}

/** What is signed here is accepted there: the claims go through the reader that verifiers use. */
function assertAcceptable(payload: string, kind: AttestationKind): void {
  const { claims, problem } = readAttestationClaims(JSON.parse(payload));
  if (problem !== undefined) throw optionError("claims", `would not be accepted: ${problem}`);
  if (trustDomainOf(claims.sub) === undefined && (kind === "attestation" || /^spiffe:/i.test(claims.sub))) {
    throw optionError("subject", "must be a SPIFFE ID, such as spiffe://example.com/model/name");
  }
}

function lifetimeWithin(option: string, lifetime: number, kind: AttestationKind): number {
  if (!Number.isSafeInteger(lifetime) || lifetime < 1 || lifetime > MAX_LIFETIME[kind]) {
    throw optionError(option, `must be whole seconds from 1 to ${MAX_LIFETIME[kind]}`);
  }
  return lifetime;
}
