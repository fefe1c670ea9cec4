// What must hold, at the least, of anything that is accepted: read from SPEC.md, checked with node:crypto and the plain reader.
import { createHash, createPublicKey, verify } from "node:crypto";
import { type ReferenceValue, readReferenceJson } from "./reference-json.ts";

export type Members = Map<string, ReferenceValue>;

export interface ReferenceJws {
  readonly header: Members;
  readonly payload: Members;
  readonly signingInput: string;
  readonly signature: Uint8Array;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** RFC 4648 §5 without padding; `undefined` unless every character and every left-over bit is as it must be. */
export function readReferenceBase64url(text: string): Uint8Array | undefined {
  const bits: number[] = [];
  for (const char of text) {
    const value = ALPHABET.indexOf(char);
    if (value < 0) return undefined;
    for (let i = 5; i >= 0; i--) bits.push((value >> i) & 1);
  }
  const left = bits.length % 8;
  if (left >= 6 || bits.slice(bits.length - left).some((bit) => bit !== 0)) return undefined;
  const bytes = new Uint8Array((bits.length - left) / 8);
  for (let i = 0; i < bytes.length * 8; i++) bytes[i >> 3] = ((bytes[i >> 3] as number) << 1) | (bits[i] as number);
  return bytes;
}

/** SPEC §6.1: what a compact JWS of this protocol must be before anything else. */
export function readReferenceJws(token: unknown, maxLength: number): ReferenceJws | undefined {
  if (typeof token !== "string" || token.length > maxLength) return undefined;
  const segments = token.split(".");
  if (segments.length !== 3) return undefined;
  const [first, second, third] = segments.map(readReferenceBase64url);
  if (!first || !second || third?.length !== 64) return undefined;
  const header = readReferenceJson(first, 16);
  const payload = readReferenceJson(second, 16);
  if (!(header instanceof Map) || !(payload instanceof Map)) return undefined;
  if ([...header.keys()].some((name) => !["typ", "alg", "kid"].includes(name))) return undefined;
  if (typeof header.get("typ") !== "string" || typeof header.get("alg") !== "string") return undefined;
  if (header.has("kid") && typeof header.get("kid") !== "string") return undefined;
  return { header, payload, signingInput: segments.slice(0, 2).join("."), signature: third };
}

export const base64urlHash = (data: string | Uint8Array) => createHash("sha256").update(data).digest("base64url");

/** RFC 8785 of a message without `_meta`, as the fuzzer's messages are; `undefined` if a number in it is none of JSON's. */
export function referenceCanonical(value: unknown): string | undefined {
  if (typeof value === "number" && !Number.isFinite(value)) return undefined;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const list = Array.isArray(value);
  const names = list ? [...value.keys()] : Object.keys(value).sort();
  const members = names.map((name) => {
    const member = referenceCanonical((value as Record<string | number, unknown>)[name]);
    return member === undefined ? undefined : list ? member : `${JSON.stringify(name)}:${member}`;
  });
  if (members.includes(undefined)) return undefined;
  return list ? `[${members}]` : `{${members}}`;
}

export interface ReferenceTrust {
  readonly now: number;
  readonly audience: readonly string[];
  /** By issuer: its keys by kid, the trust domains it speaks for, and what it is. */
  readonly issuers: ReadonlyMap<
    string,
    { keys: ReadonlyMap<string, object>; trustDomains: readonly string[]; trustLevel: string }
  >;
}

export const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
export const isName = (value: unknown, longest = 256): value is string =>
  typeof value === "string" &&
  value.length >= 1 &&
  value.length <= longest &&
  [...value].every((c) => c >= " " && c <= "~");

export function isSigned(jws: ReferenceJws, jwk: object): boolean {
  try {
    const key = createPublicKey({ key: jwk as never, format: "jwk" });
    return verify(null, Buffer.from(jws.signingInput), key, jws.signature);
  } catch {
    return false;
  }
}

/** Why this bound attestation and proof must not be accepted for a message; `undefined` if nothing is known against it. */
export function objectionTo(
  trust: ReferenceTrust,
  token: unknown,
  proof: unknown,
  request: { method: string; params: object },
): string | undefined {
  const root = judgeAttestation(trust, token);
  return typeof root === "string" ? root : objectionToProof(trust, root.jwk, token as string, proof, request);
}

/** Why this bound attestation must not be accepted; if nothing is known against it, what it says and the agent's key. */
export function judgeAttestation(
  trust: ReferenceTrust,
  token: unknown,
): string | { readonly payload: Members; readonly jwk: Members } {
  const attestation = readReferenceJws(token, 6144);
  if (!attestation) return "the attestation is not a strict JWS";
  const { header, payload } = attestation;
  if (header.get("typ") !== "agent-attestation+jwt") return "the attestation's typ";
  if (header.get("alg") !== "Ed25519") return "the attestation's alg";
  const issuer = trust.issuers.get(payload.get("iss") as string);
  if (!issuer) return "the issuer";
  const key = issuer.keys.get(header.get("kid") as string);
  if (!key) return "the key";
  if (!isSigned(attestation, key)) return "the attestation's signature";

  const [iat, exp, nbf] = ["iat", "exp", "nbf"].map((name) => payload.get(name));
  if (!isTime(iat) || !isTime(exp) || (payload.has("nbf") && !isTime(nbf))) return "the times";
  if (trust.now >= exp + 30 || iat > trust.now + 30 || (isTime(nbf) && nbf > trust.now + 30)) return "the validity";
  if (exp <= iat || exp - iat > 3600) return "the lifetime";
  const aud = payload.get("aud");
  if (
    aud !== undefined &&
    !(typeof aud === "string" ? [aud] : Array.isArray(aud) && aud.length === 1 ? aud : []).some((name) =>
      trust.audience.includes(name as string),
    )
  )
    return "the audience";
  const sub = payload.get("sub");
  const path = typeof sub === "string" && sub.startsWith("spiffe://") ? sub.slice(9).split("/") : [];
  if (path.length < 2 || path.slice(1).some((segment) => segment === "" || segment === "." || segment === ".."))
    return "the subject";
  if (!issuer.trustDomains.includes(path[0] as string)) return "the trust domain";
  if (!isName(payload.get("jti")) || (payload.get("jti") as string).includes(" ")) return "the jti";
  const identity = payload.get("agent_identity");
  if (!(identity instanceof Map)) return "the identity";
  if (["model_family", "model_version", "provider"].some((name) => !isName(identity.get(name))))
    return "the identity's members";
  const metadata = payload.get("attestation_metadata");
  if (!(metadata instanceof Map) || metadata.get("attestation_version") !== "0.2.0") return "the version";
  if (metadata.get("attestation_type") !== issuer.trustLevel) return "the type";
  if (!["standard", "enhanced", "minimal"].includes(metadata.get("safety_level") as string)) return "the safety level";
  const jwk = confirmed(payload);
  return jwk ? { payload, jwk } : "the agent's key";
}

/** The Ed25519 public key in `cnf.jwk`, if that is what is there. */
export function confirmed(payload: Members): Members | undefined {
  const cnf = payload.get("cnf");
  const jwk = cnf instanceof Map ? cnf.get("jwk") : undefined;
  if (!(jwk instanceof Map) || jwk.get("kty") !== "OKP" || jwk.get("crv") !== "Ed25519" || jwk.has("d"))
    return undefined;
  return jwk;
}

/** Why this proof by a key must not be accepted for what was presented with a message. */
export function objectionToProof(
  trust: Pick<ReferenceTrust, "now" | "audience">,
  jwk: Members,
  token: string,
  proof: unknown,
  request: { method: string; params: object },
): string | undefined {
  const read = readReferenceJws(proof, 2048);
  if (!read) return "the proof is not a strict JWS";
  if (read.header.get("typ") !== "agent-attestation-pop+jwt" || read.header.get("alg") !== "Ed25519")
    return "the proof's header";
  if (!isSigned(read, Object.fromEntries(jwk))) return "the proof's signature";
  const claims = read.payload;
  if (claims.get("att_hash") !== base64urlHash(token)) return "the proof's attestation";
  if (!trust.audience.includes(claims.get("aud") as string)) return "the proof's audience";
  const made = claims.get("iat");
  if (!isTime(made) || made < trust.now - 90 || made > trust.now + 30) return "the proof's time";
  if (!isName(claims.get("jti")) || (claims.get("jti") as string).length < 16) return "the proof's jti";
  if (claims.get("mcp_digest") !== base64urlHash(referenceCanonical(request) ?? "")) return "the proof's digest";
  if (["htm", "body_digest", "session", "ath"].some((name) => claims.has(name)))
    return "the proof covers what was not there";
  return undefined;
}
