import { createHash, randomUUID } from "node:crypto";
import {
  type Algorithm,
  AttestationVerifier,
  createProof,
  encodeBase64url,
  InMemoryReplayCache,
  KeyPair,
  type ProofRequest,
  type PublicJwk,
  type TokenFormat,
  type TrustedIssuer,
  type VerifierOptions,
} from "@attest/core";
import { spiffeJwtSvid } from "@attest/core/formats/spiffe-jwt-svid";
import { wimseWit } from "@attest/core/formats/wimse-wit";

export const NOW = 1_800_000_000;
export const AUDIENCE = "https://server.example/mcp";
export const TRUST_DOMAIN = "prod.example";
export const WORKLOAD = `spiffe://${TRUST_DOMAIN}/ns/agents/sa/broker`;
export const ISSUER = "https://spire.prod.example";
export const MESSAGE: ProofRequest = { kind: "message", method: "tools/call", params: { name: "transfer" } };

type Claims = Record<string, unknown>;

/** WebCrypto's parameters of an algorithm. */
function parametersOf(algorithm: string) {
  const hash = `SHA-${algorithm.slice(2)}`;
  if (algorithm === "Ed25519") return { name: "Ed25519" };
  if (algorithm.startsWith("ES")) {
    return { name: "ECDSA", hash, namedCurve: { ES256: "P-256", ES384: "P-384", ES512: "P-521" }[algorithm] ?? "" };
  }
  const rsa = { hash, modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
  if (algorithm.startsWith("RS")) return { name: "RSASSA-PKCS1-v1_5", ...rsa };
  return { name: "RSA-PSS", saltLength: Number(algorithm.slice(2)) / 8, ...rsa };
}

/** A signing key of a trust domain, made by WebCrypto. */
export interface ForeignKey {
  readonly kid: string;
  readonly algorithm: string;
  /** The public half, as a bundle publishes it. */
  toJwk(use?: string): PublicJwk;
  sign(data: Uint8Array): Promise<Uint8Array>;
  /** The private half, for what must be refused. */
  toPrivateJwk(): Promise<Claims>;
}

export async function foreignKey(algorithm: Algorithm, kid: string = randomUUID()): Promise<ForeignKey> {
  const parameters = parametersOf(algorithm);
  const pair = (await crypto.subtle.generateKey(parameters, true, ["sign", "verify"])) as CryptoKeyPair;
  // As SPIRE publishes them: the members of the key, kid and use.
  const { alg: _alg, ext: _ext, key_ops: _ops, ...jwk } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return {
    kid,
    algorithm,
    toJwk: (use = "jwt-svid") => ({ ...jwk, kid, use }) as PublicJwk,
    toPrivateJwk: async () => ({ ...(await crypto.subtle.exportKey("jwk", pair.privateKey)), kid }) as Claims,
    sign: async (data) => new Uint8Array(await crypto.subtle.sign(parameters, pair.privateKey, data)),
  };
}
type CryptoKeyPair = { readonly publicKey: never; readonly privateKey: never };

const segment = (value: object) => encodeBase64url(new TextEncoder().encode(JSON.stringify(value)));

/** A compact JWS of a header and claims, as they are. */
export async function signed(key: Pick<ForeignKey, "sign">, header: object, claims: object): Promise<string> {
  const input = `${segment(header)}.${segment(claims)}`;
  return `${input}.${encodeBase64url(await key.sign(new TextEncoder().encode(input)))}`;
}

/** A JWT-SVID as SPIRE signs it: the members of its header and claims in their order. */
export function svid(key: ForeignKey, claims: Claims = {}, header: Claims = {}): Promise<string> {
  return signed(
    key,
    { alg: key.algorithm, kid: key.kid, typ: "JWT", ...header },
    { aud: [AUDIENCE], exp: NOW + 300, iat: NOW, sub: WORKLOAD, ...claims },
  );
}

/** A WIT-SVID as SPIRE signs it, for a workload's key. */
export function wit(key: ForeignKey, workload: KeyPair, claims: Claims = {}, header: Claims = {}): Promise<string> {
  const { kty, crv, x, y } = workload.toJwk();
  const jwk = { alg: workload.algorithm, crv, kty, x, ...(y !== undefined && { y }) };
  return signed(
    key,
    { alg: key.algorithm, kid: key.kid, typ: "wit+jwt", ...header },
    { cnf: { jwk }, exp: NOW + 3600, iat: NOW, sub: WORKLOAD, ...claims },
  );
}

/** The workload's proof for one message. */
export function prove(attestation: string, signer: KeyPair, request: ProofRequest = MESSAGE): Promise<string> {
  return createProof({ attestation, signer, audience: AUDIENCE, request, clock: () => NOW });
}

/** Options of a verifier that trusts one issuer of foreign tokens, with its keys by value. */
export function trusting(
  keys: readonly PublicJwk[],
  formats: readonly (TokenFormat | "attestation" | "bearer")[] = [spiffeJwtSvid, wimseWit],
  issuer: Partial<TrustedIssuer> = {},
): VerifierOptions {
  return {
    trustedIssuers: [
      { issuer: ISSUER, trustLevel: "enterprise", trustDomains: [TRUST_DOMAIN], keys, formats, ...issuer },
    ],
    audience: AUDIENCE,
    clock: () => NOW,
    replayCache: new InMemoryReplayCache({ clock: () => NOW - 60 }),
  };
}

/** A verifier of one issuer. */
export function verifierOf(
  keys: readonly PublicJwk[],
  options: Partial<VerifierOptions> = {},
  formats?: Parameters<typeof trusting>[1],
): AttestationVerifier {
  return new AttestationVerifier({ ...trusting(keys, formats), ...options });
}

/** A workload's key. */
export const workloadKey = (algorithm: "Ed25519" | "ES256" = "ES256"): Promise<KeyPair> =>
  KeyPair.generate({ algorithm });

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("base64url");
