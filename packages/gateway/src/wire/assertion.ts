import {
  type AttestationContext,
  type Clock,
  type DelegationLink,
  digest,
  encodeBase64url,
  type Layer,
  META_PREFIX,
  optionError,
  type Signer,
  writeAgentIdentity,
} from "@attest/core";

/** How long an upstream may take an assertion, in seconds. */
const LIFETIME = 30;
/** The field that an assertion travels in. */
export const VERIFIED_FIELD = "Agent-Attestation-Verified";
/** Where a server over stdio finds what is said of an agent: a key of `_meta`. */
export const META_VERIFIED: string = `${META_PREFIX}verified`;
const encoder = new TextEncoder();
const TYP = "agent-attestation-verified+jwt";

/** Who asserts, and to whom. */
export interface AssertionOptions {
  /** Signs assertions and nothing else. */
  readonly signer: Signer;
  /** The gateway's own name, an absolute URI. */
  readonly issuer: string;
  /** The upstream's name, an absolute URI. */
  readonly audience: string;
  /** What the header calls an Ed25519 key's algorithm. Default `EdDSA`, which more libraries know than `Ed25519`. */
  readonly algorithm?: "EdDSA" | "Ed25519";
}

/** The request that an assertion is for, as the upstream receives it. */
export interface AssertedRequest {
  readonly method: string;
  readonly body: string | undefined;
  readonly sessionId: string | undefined;
  readonly accessToken: string | undefined;
}

/** Writes what a gateway says of an agent to the server behind it (SPEC section 22). */
export class Asserter {
  readonly #options: AssertionOptions;
  readonly #header: string;
  readonly #clock: Clock;

  /** @throws AttestationError `ERR_OPTION`. */
  constructor(options: AssertionOptions, clock: Clock) {
    const { signer, algorithm = "EdDSA" } = options;
    if (typeof signer?.sign !== "function") throw optionError("signer", "must have a sign function");
    const alg = signer.algorithm === "Ed25519" ? algorithm : signer.algorithm;
    this.#options = options;
    this.#header = encode({ alg, typ: TYP, kid: signer.kid });
    this.#clock = clock;
  }

  /** The assertion about the agent behind one request. What the signer throws comes through. */
  async assert(attestation: AttestationContext, request: AssertedRequest): Promise<string> {
    const { signer, issuer, audience } = this.#options;
    const { method, body, sessionId, accessToken } = request;
    const iat = Math.floor(this.#clock());
    // In this order, as an object that begins with another one is made for less.
    const claims = {
      ...verifiedClaims(attestation),
      iss: issuer,
      aud: audience,
      iat,
      exp: iat + LIFETIME,
      jti: crypto.randomUUID(),
      htm: method,
      body_digest: await digest(body ?? ""),
      session: sessionId,
      ath: accessToken === undefined ? undefined : await digest(accessToken),
    };
    const input = `${this.#header}.${encode(claims)}`;
    return `${input}.${encodeBase64url(await signer.sign(encoder.encode(input)))}`;
  }
}

/** What is said of a verified agent, in an assertion and to a server over stdio. What does not apply is undefined: JSON leaves it out. */
export function verifiedClaims(attestation: AttestationContext): object {
  const { keyThumbprint, proof, layers, delegation } = attestation;
  return {
    ...layerClaims(attestation),
    // Without it, a sub-agent would be taken for the agent that answers for it (D3).
    delegation: delegation?.map(linkClaims),
    layers: layers.length > 1 ? layers.map(layerClaims) : undefined,
    key_thumbprint: keyThumbprint,
    proof,
  };
}

function linkClaims({ name, keyThumbprint, expiresAt, allow }: DelegationLink): object {
  return {
    ...(name !== undefined && { name }),
    key_thumbprint: keyThumbprint,
    exp: expiresAt,
    ...(allow && { allow }),
  };
}

function layerClaims({ subject, issuer, trustLevel, identity }: AttestationContext | Layer): object {
  return {
    sub: subject,
    issuer,
    trust_level: trustLevel,
    agent_identity: identity && writeAgentIdentity(identity),
  };
}

function encode(value: object): string {
  return encodeBase64url(encoder.encode(JSON.stringify(value)));
}
