import { type AgentIdentity, toSpiffeId } from "../claims/agent-identity.ts";
import type { AgentIntegrity } from "../claims/agent-integrity.ts";
import { type AttestationClaims, readAttestationClaims, writeAttestationClaims } from "../claims/attestation-claims.ts";
import type { AttestationMetadata } from "../claims/attestation-metadata.ts";
import { BACKDATE, DEFAULT_LIFETIME, MAX_LIFETIME, type Profile, TYP, VERSION } from "../claims/profile.ts";
import { trustDomainOf } from "../claims/spiffe-id.ts";
import { type Clock, systemClock } from "../clock.ts";
import { AttestationError, optionError } from "../errors.ts";
import { isKid, type PublicJwk } from "../keys/jwk.ts";
import type { Signer } from "../keys/signer.ts";
import { importVerificationKey } from "../keys/verification-key.ts";
import { vetPublicJwk } from "../keys/vet-public-jwk.ts";
import { assertObserver, begin, type IssuanceEvent, notify, type Observer } from "../observer.ts";
import { refuseUnknownOptions } from "../options.ts";
import { assertKnownMembers } from "./assert-known-members.ts";
import { signJws } from "./sign-jws.ts";

const PROVIDER_OPTIONS: readonly string[] = ["issuer", "signer", "tokenLifetime", "clock", "observer"];
const REQUEST_OPTIONS: readonly (keyof AttestationRequest)[] = [
  "identity",
  "integrity",
  "metadata",
  "subject",
  "trustDomain",
  "lifetime",
  "confirmationKey",
  "audience",
  "bearer",
];

/** Who an attestation is about, and what is said of it. */
export type AttestationRequest = {
  readonly identity: AgentIdentity;
  readonly integrity?: AgentIntegrity;
  readonly metadata?: Partial<AttestationMetadata>;
  /** A SPIFFE ID. Default: `toSpiffeId(identity, trustDomain)`. */
  readonly subject?: string;
  /** Default: `<provider>.com`, if the provider is one label of a domain name, in lower case. */
  readonly trustDomain?: string;
  /** Seconds. Default: the provider's `tokenLifetime`. */
  readonly lifetime?: number;
} & (
  | {
      /** The agent's public key: the attestation is bound to it. The caller has checked that the agent holds it. */
      readonly confirmationKey: PublicJwk;
      readonly audience?: string | readonly string[];
      readonly bearer?: never;
    }
  | {
      /** A 0.1.0 bearer attestation, for servers that know no other: whoever holds a copy can present it once. */
      readonly bearer: true;
      readonly audience: string | readonly string[];
      readonly confirmationKey?: never;
    }
);

/** Makes attestations, at an authority. It believes what it is told: who may ask for what is for the authority to check. */
export class AttestationProvider {
  readonly issuer: string;
  readonly #signer: { current(): Signer };
  readonly #lifetime: number;
  readonly #clock: Clock;
  readonly #observer: Observer | undefined;

  /**
   * @param options.issuer The authority's name: `iss`, by which verifiers know it, 1–2048 visible ASCII characters.
   * @param options.signer A signer, or a store that says for each attestation which is current.
   * @param options.tokenLifetime Seconds, from 1 to 3600; of a bearer attestation at most 900 count. Default 300.
   * @param options.clock Unix seconds. Default: the machine's.
   * @param options.observer Told of each attestation asked for, issued or not. Default: nobody.
   * @throws AttestationError `ERR_OPTION`, naming the option.
   */
  constructor(options: {
    issuer: string;
    signer: Signer | { current(): Signer };
    tokenLifetime?: number;
    clock?: Clock;
    observer?: Observer;
  }) {
    refuseUnknownOptions(options, PROVIDER_OPTIONS, "an authority");
    const { issuer, signer, tokenLifetime = DEFAULT_LIFETIME, clock = systemClock, observer } = options;
    if (typeof issuer !== "string" || !/^[\x21-\x7e]{1,2048}$/.test(issuer)) {
      throw optionError("issuer", "must be 1–2048 visible ASCII characters");
    }
    if (typeof clock !== "function") throw optionError("clock", "must be a function");
    this.issuer = issuer;
    this.#signer = storeOf(signer);
    this.#lifetime = lifetimeWithin("tokenLifetime", tokenLifetime, "bound");
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
    const profile: Profile = request?.bearer === true ? "bearer" : "bound";
    const report = (outcome: Pick<IssuanceEvent, "outcome" | "code">): void => {
      const duration = (performance.now() - started) / 1000;
      const event: IssuanceEvent = { type: "issuance", profile, issuer: this.issuer, duration, ...outcome };
      end(event);
      notify(this.#observer, event);
    };
    try {
      const token = await this.#create(request, profile);
      report({ outcome: "issued" });
      return token;
    } catch (error) {
      report({ outcome: "failed", ...(error instanceof AttestationError && { code: error.code }) });
      throw error;
    }
  }

  async #create(request: AttestationRequest, profile: Profile): Promise<string> {
    refuseUnknownOptions(request, REQUEST_OPTIONS, "an attestation");
    const { identity, integrity, metadata, audience } = request;
    assertKnownMembers(request);
    const lifetime = lifetimeWithin("lifetime", request.lifetime ?? this.#defaultLifetime(profile), profile);
    const cnf = await confirmation(request, profile);
    const iat = Math.floor(this.#clock()) - BACKDATE;
    if (profile === "bearer" && (identity.enterprise || metadata?.nestedAttestation !== undefined)) {
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
        attestationType: "provider",
        safetyLevel: "standard",
        capabilitiesDeclared: [],
        ...metadata,
        attestationVersion: VERSION[profile],
      },
      ...(cnf && { cnf }),
    };
    const payload = JSON.stringify(writeAttestationClaims(claims));
    assertAcceptable(payload, profile);
    const signer = this.#signer.current();
    if (!isKid(signer?.kid)) throw optionError("signer", "must have a kid of 1–256 visible ASCII characters");
    const alg = profile === "bearer" ? bearerAlgorithm(signer) : signer.algorithm;
    return signJws(JSON.stringify({ alg, kid: signer.kid, typ: TYP[profile] }), payload, signer, "ATTESTATION");
  }

  #defaultLifetime(profile: Profile): number {
    return Math.min(this.#lifetime, MAX_LIFETIME[profile]);
  }
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

async function confirmation(request: AttestationRequest, profile: Profile): Promise<AttestationClaims["cnf"]> {
  const { confirmationKey } = request;
  if (profile === "bearer") {
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
  // Really imported, since a point can have the right size and not be on its curve.
  await importVerificationKey(confirmationKey);
  return { jwk: vetPublicJwk(confirmationKey).jwk };
}

/** What is signed here is accepted there: the claims go through the reader that verifiers use. */
function assertAcceptable(payload: string, profile: Profile): void {
  const { claims, problem } = readAttestationClaims(JSON.parse(payload));
  if (problem !== undefined) throw optionError("claims", `would not be accepted: ${problem}`);
  if (trustDomainOf(claims.sub) === undefined && (profile === "bound" || /^spiffe:/i.test(claims.sub))) {
    throw optionError("subject", "must be a SPIFFE ID, such as spiffe://example.com/model/name");
  }
}

function lifetimeWithin(option: string, lifetime: number, profile: Profile): number {
  if (!Number.isSafeInteger(lifetime) || lifetime < 1 || lifetime > MAX_LIFETIME[profile]) {
    throw optionError(option, `must be whole seconds from 1 to ${MAX_LIFETIME[profile]}`);
  }
  return lifetime;
}
